// Names on the map: jurisdictions from the region, townships and waters from their
// layers, which the browser has in its cache by then.

import type { Feature, FeatureCollection, Position } from "geojson";
import type { FilterSpecification, LayerSpecification } from "maplibre-gl";
import { ask } from "../core/persist";
import { LEVELS, nameOf, type Language, type Region } from "../core/region";
import { GROUND } from "./palette";

/** The source and layer of the names on either side of an alert. */
export const SIDES = "sides";
/** The region's counties, by which those names are placed. */
export const LANDS = "counties";
/** The layer of the counties' names. */
export const COUNTY_NAMES = "name-county";

/** The names of counties, but for those that are written large. */
export function countyFilter(large: readonly string[]): FilterSpecification {
  return ["all", ["==", ["get", "rank"], "county"], ["!", ["in", ["get", "code"], ["literal", [...large]]]]];
}

// The weight is read from the first name, the face is the first that is installed.
const FAMILIES = ["Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei"];
const FONT = FAMILIES;
const BOLD = ["Noto Sans CJK SC Bold", ...FAMILIES];

/** Where a layer of the region's map is to be had as pages draw it; nowhere if there is none. */
export function layerUrl({ view }: Region, name: string): string | undefined {
  const layer = view.display.find((one) => one.layer === name);
  return layer && `/api/v1/map/${layer.file}`;
}

/** A place to be named: where it stands, in which rank, by which names. */
export interface Place {
  code: string;
  at: Position;
  rank: "wide" | "city" | "county" | "township" | "water";
  name: string;
  name_en: string;
  size: number;
}

/** What the layers' features may say of themselves. */
interface Properties {
  code?: string;
  name?: string;
  name_en?: string;
  seat?: Position;
  area_km2?: number;
}

/** The names of a region's jurisdictions, but for townships. */
export function jurisdictionPlaces(region: Region): Place[] {
  const strongest = LEVELS.indexOf(region.view.level);
  return region.view.jurisdictions.flatMap((one) => {
    const below = LEVELS.indexOf(one.level) - strongest;
    if (below < 0) return [];
    const rank = one.level === "county" ? "county" : below === 0 ? "wide" : "city";
    return [{ code: one.code, at: one.label, rank, name: one.name, name_en: one.name_en, size: -below }];
  });
}

/** The names in the region's layers of townships and waters; fails if one cannot be had. */
export async function layerPlaces(region: Region, signal: AbortSignal): Promise<Place[]> {
  const [townships, water] = await Promise.all(["townships", "water"].map((name) => layer(region, name, signal)));
  const places: Place[] = [];
  for (const feature of townships!) {
    const { code = "", name, name_en, seat } = feature.properties as Properties;
    const at = seat ?? middle(feature);
    if (at && name) places.push({ code, at, rank: "township", name, name_en: name_en ?? name, size: 0 });
  }
  for (const feature of water!) {
    const { name, name_en, area_km2 } = feature.properties as Properties;
    const at = name ? middle(feature) : undefined;
    if (at && name) places.push({ code: "", at, rank: "water", name, name_en: name_en ?? name, size: area_km2 ?? 0 });
  }
  return places;
}

async function layer(region: Region, name: string, signal: AbortSignal): Promise<Feature[]> {
  const url = layerUrl(region, name);
  return url ? (await ask<FeatureCollection>(url, { signal })).features : [];
}

/** The middle of a polygon's widest ring: good enough for a name. */
function middle(feature: Feature): Position | undefined {
  const { geometry } = feature;
  const rings =
    geometry.type === "Polygon" ? [geometry.coordinates[0]!]
    : geometry.type === "MultiPolygon" ? geometry.coordinates.map((polygon) => polygon[0]!)
    : [];
  const widest = rings.sort((a, b) => b.length - a.length)[0];
  if (!widest) return undefined;
  const spread = (axis: 0 | 1) => {
    const all = widest.map((point) => point[axis]!);
    return (Math.min(...all) + Math.max(...all)) / 2;
  };
  return [spread(0), spread(1)];
}

/** The names in a language, as points for the map. */
export function namesIn(places: readonly Place[], language: Language): FeatureCollection {
  // A water without an English name keeps silent in English.
  const told = places.filter((place) => language === "zh" || /^[^\p{Script=Han}]*$/u.test(place.name_en));
  const features = told.map((place): Feature => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: place.at },
    properties: { code: place.code, rank: place.rank, name: nameOf(place, language), order: -place.size },
  }));
  return { type: "FeatureCollection", features };
}

/** The layers that draw them, the most important placed first. */
export function nameLayers(): LayerSpecification[] {
  const made = (rank: Place["rank"], minzoom: number, maxzoom: number, size: unknown, colour: string, more = {}): LayerSpecification => ({
    id: `name-${rank}`,
    type: "symbol",
    source: "names",
    minzoom,
    maxzoom,
    filter: ["==", ["get", "rank"], rank],
    layout: {
      "text-field": ["get", "name"],
      "text-font": FONT,
      "text-size": size as never,
      "text-max-width": 9,
      "text-padding": 6,
      "symbol-sort-key": ["get", "order"],
      ...more,
    },
    paint: { "text-color": colour, "text-halo-color": GROUND.nameHalo, "text-halo-width": 1.6, "text-halo-blur": 0.6 },
  });
  // MapLibre places the last layer first.
  const sides: LayerSpecification = {
    id: SIDES,
    type: "symbol",
    source: SIDES,
    layout: { "text-field": ["get", "name"], "text-font": BOLD, "text-size": ["get", "size"], "text-max-width": 99, "text-letter-spacing": 0.12, "text-allow-overlap": true, "text-ignore-placement": false },
    paint: { "text-color": GROUND.nameSide, "text-halo-color": GROUND.nameHalo, "text-halo-width": 2 },
  };
  return [
    made("township", 11, 24, 14, GROUND.nameTownship),
    made("water", 7.5, 24, 14, GROUND.nameWater, { "text-letter-spacing": 0.25 }),
    made("county", 8.4, 24, ["interpolate", ["linear"], ["zoom"], 8, 14, 12, 19], GROUND.nameCounty, { "text-letter-spacing": 0.06 }),
    made("city", 6.2, 10.5, ["interpolate", ["linear"], ["zoom"], 6, 14, 10, 21], GROUND.nameCity, { "text-letter-spacing": 0.12, "text-font": BOLD }),
    made("wide", 0, 9, ["interpolate", ["linear"], ["zoom"], 5, 18, 9, 32], GROUND.nameWide, { "text-letter-spacing": 0.4, "text-font": BOLD }),
    sides,
  ];
}
