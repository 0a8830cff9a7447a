// The basemap as a style: the region's own layers, or a tile source beneath its
// borders. No glyphs, no sprite, nothing from elsewhere: names are drawn with the
// page's own fonts.

import type { FeatureCollection } from "geojson";
import type { FilterSpecification, LayerSpecification, Map, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Level, TilesView } from "../contract/openapi";
import { LEVELS, type Region } from "../core/region";
import { GROUND } from "./palette";
import { LANDS, layerUrl, nameLayers, SIDES } from "./names";

const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };

/** The region's layers that the map loads. */
export const LOADED = ["provinces", "water", "zones", "townships", "borders", LANDS];

/** Names of the sources that the page fills itself. */
export const NAMES = "names";
export const ALERTS = "alerts";

/** The style of a region's map. */
export function styleOf(region: Region): StyleSpecification {
  const { layers, tiles } = region.view;
  const sources: Record<string, SourceSpecification> = {
    [NAMES]: { type: "geojson", data: EMPTY },
    [SIDES]: { type: "geojson", data: EMPTY },
    [ALERTS]: { type: "geojson", data: EMPTY, promoteId: "id" },
  };
  for (const layer of LOADED) {
    const source = layer === LANDS ? undefined : layerSource(region, layer);
    if (source) sources[layer] = source;
  }
  if (tiles) sources["tiles"] = tileSource(tiles);
  return {
    version: 8,
    sources,
    layers: [
      { id: "void", type: "background", paint: { "background-color": GROUND.void } },
      ...ground(layers, tiles),
      ...zones(layers),
      ...borders(layers, region.view.level),
      ...alerts(),
      ...nameLayers(),
    ],
  };
}

/** A layer of the region's map; `undefined` where the region has none of that name. */
function layerSource(region: Region, layer: string): SourceSpecification | undefined {
  const data = layerUrl(region, layer);
  const { attribution } = region.view;
  return data ? { type: "geojson", data, attribution, tolerance: 0.3, maxzoom: 14, buffer: 32 } : undefined;
}

function tileSource(tiles: TilesView): SourceSpecification {
  const type = tiles.kind === "vector" ? "vector" : "raster";
  const template = tiles.url.includes("{");
  const where = template ? { tiles: [tiles.url] } : { url: tiles.url };
  const size = type === "raster" ? { tileSize: tiles.tile_size } : {};
  return { type, ...where, ...size, attribution: tiles.attribution } as SourceSpecification;
}

function ground(layers: readonly string[], tiles: TilesView | null): LayerSpecification[] {
  const found: LayerSpecification[] = [
    { id: "land", type: "fill", source: "provinces", paint: { "fill-color": GROUND.land, "fill-antialias": false } },
  ];
  if (layers.includes("water")) {
    found.push(
      { id: "water", type: "fill", source: "water", filter: ["!=", ["geometry-type"], "LineString"], paint: { "fill-color": GROUND.water } },
      {
        id: "rivers",
        type: "line",
        source: "water",
        filter: ["==", ["get", "kind"], "river"],
        layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": GROUND.river, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 6, 0.8, 10, 2.4, 14, 10] },
      },
      {
        id: "shore",
        type: "line",
        source: "water",
        filter: ["==", ["get", "kind"], "lake"],
        paint: { "line-color": GROUND.shore, "line-width": 0.7, "line-opacity": 0.7 },
      },
    );
  }
  if (tiles?.kind === "raster") {
    // Whatever the operator's tiles look like, the wall stays dark and calm.
    found.push({
      id: "tiles",
      type: "raster",
      source: "tiles",
      paint: { "raster-saturation": -0.75, "raster-brightness-max": 0.42, "raster-opacity": 0.85 },
    });
  } else if (tiles?.kind === "vector") {
    // OpenMapTiles' names, which most vector sources speak.
    found.push({
      id: "tile-roads",
      type: "line",
      source: "tiles",
      "source-layer": "transportation",
      paint: { "line-color": GROUND.innermost, "line-width": ["interpolate", ["linear"], ["zoom"], 8, 0.4, 15, 3] },
    });
  }
  return found;
}

function zones(layers: readonly string[]): LayerSpecification[] {
  if (!layers.includes("zones")) return [];
  const colour = ["match", ["get", "kind"], "pilot_startup_area", GROUND.pilot, "event_perimeter", GROUND.event, GROUND.zone] as never;
  const weight = ["match", ["get", "kind"], "pilot_startup_area", 0.1, "event_perimeter", 0.14, "demonstration_zone", 0.07, 0.028] as never;
  return [
    { id: "zones", type: "fill", source: "zones", paint: { "fill-color": colour, "fill-opacity": weight } },
    {
      id: "zone-edges",
      type: "line",
      source: "zones",
      filter: ["!=", ["get", "kind"], "interprovincial_border_area"],
      paint: { "line-color": colour, "line-width": 1.2, "line-opacity": 0.45, "line-dasharray": [5, 3] },
    },
  ];
}

function borders(layers: readonly string[], strongest: Level): LayerSpecification[] {
  const of = (level: Level): FilterSpecification => ["==", ["get", "level"], level];
  const join = { "line-cap": "round", "line-join": "round" } as const;
  const found: LayerSpecification[] = [
    // The outline of the region, seaward and towards its neighbours.
    { id: "outline", type: "line", source: "provinces", layout: join, paint: { "line-color": GROUND.shore, "line-width": 1 } },
  ];
  if (layers.includes("townships")) {
    found.push({
      id: "townships",
      type: "line",
      source: "townships",
      minzoom: 10,
      paint: {
        "line-color": GROUND.inner,
        "line-width": 1,
        "line-dasharray": [2, 3],
        "line-opacity": ["interpolate", ["linear"], ["zoom"], 10, 0, 11, 0.8],
      },
    });
  }
  const rank = LEVELS.indexOf(strongest);
  // The weaker lie under the stronger.
  for (const level of ["county", "city", "province"] as const) {
    const below = LEVELS.indexOf(level) - rank;
    if (below > 0) {
      const near = below === 1;
      found.push({
        id: `border-${level}`,
        type: "line",
        source: "borders",
        filter: of(level),
        layout: join,
        minzoom: near ? 5 : 7,
        paint: {
          "line-color": near ? GROUND.inner : GROUND.innermost,
          "line-width": near ? 1.1 : 0.9,
          "line-opacity": near ? 0.95 : ["interpolate", ["linear"], ["zoom"], 7, 0, 8.5, 1],
        },
      });
    } else if (below === 0) {
      const width = (narrow: number, wide: number) => ["interpolate", ["linear"], ["zoom"], 6, narrow, 12, wide] as never;
      found.push(
        {
          id: "border-glow",
          type: "line",
          source: "borders",
          filter: of(level),
          layout: join,
          paint: { "line-color": GROUND.borderGlow, "line-width": width(7, 16), "line-blur": width(6, 14), "line-opacity": 0.34 },
        },
        {
          id: "border",
          type: "line",
          source: "borders",
          filter: of(level),
          layout: join,
          paint: { "line-color": GROUND.border, "line-width": width(1.4, 2.4) },
        },
      );
    }
  }
  return found;
}

/**
 * Loads the counties, by which names are placed, once they are needed: they are drawn by
 * their borders, and many a desk never opens an alert. A layer without features has
 * their tiles at hand.
 */
export function addLands(map: Map, region: Region): void {
  const source = layerSource(region, LANDS);
  if (!source || map.getSource(LANDS)) return;
  map.addSource(LANDS, source);
  map.addLayer({ id: LANDS, type: "fill", source: LANDS, filter: ["==", ["get", "code"], ""] });
}

function alerts(): LayerSpecification[] {
  const colour = ["get", "colour"] as never;
  const answered = (yes: number, no: number) => ["case", ["get", "answered"], yes, no] as never;
  return [
    {
      id: "alert-glow",
      type: "line",
      source: ALERTS,
      layout: { "line-join": "round" },
      paint: { "line-color": colour, "line-width": 18, "line-blur": 16, "line-opacity": answered(0.22, 0.5) },
    },
    { id: "alert-fill", type: "fill", source: ALERTS, paint: { "fill-color": colour, "fill-opacity": answered(0.08, 0.16) } },
    {
      id: "alert-edge",
      type: "line",
      source: ALERTS,
      filter: ["!", ["get", "fading"]],
      layout: { "line-join": "round" },
      paint: { "line-color": colour, "line-width": ["case", ["get", "chosen"], 3.5, 2] as never, "line-opacity": answered(0.75, 1) },
    },
    {
      id: "alert-edge-fading",
      type: "line",
      source: ALERTS,
      filter: ["get", "fading"],
      layout: { "line-join": "round" },
      paint: { "line-color": colour, "line-width": 2, "line-dasharray": [2, 2], "line-opacity": 0.8 },
    },
  ];
}
