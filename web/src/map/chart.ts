// The map of a page: basemap, units, incidents and alerts of one world.

import { Map, setWorkerUrl, type GeoJSONSource, type PaddingOptions } from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { AlertView } from "../contract/openapi";
import { persist } from "../core/persist";
import { mercatorX, mercatorY } from "../core/mercator";
import type { Language, Region } from "../core/region";
import { unitChannels, type Bounds } from "../core/tiles";
import { stands, type World } from "../core/world";
import { texts } from "../texts";
import { AlertSigns, ring } from "./alerts";
import { largestSide } from "./canvas_size";
import { Edges } from "./edges";
import { IncidentsLayer, type Shows } from "./incidents_layer";
import { mend } from "./mend";
import { jurisdictionPlaces, layerPlaces, namesIn, type Place } from "./names";
import { metresPerPixel } from "./scale_bar";
import { SideNames, type Side } from "./side_names";
import { addLands, NAMES, styleOf } from "./style";
import { UnitsLayer } from "./units_layer";

setWorkerUrl(workerUrl);

/** The fonts in which names are written; all of them on the machine. */
const FONTS = '"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",sans-serif';

/** How far within the padding arrows stand: a wall's map fades out towards its panels, pixels. */
const IN_SHADE: [number, number] = [96, 56];
const AMONG_TOOLS: [number, number] = [40, 24];

/** How a page wants its map. */
export interface Wishes {
  container: HTMLElement;
  region: Region;
  world: World;
  language: Language;
  /** What panels cover, in the map's pixels. */
  padding: PaddingOptions;
  /** Whether people move it. */
  interactive: boolean;
  /** Physical pixels a pixel of the map, beyond the screen's own ratio. */
  scale: number;
  /** Which units the view needs. */
  watch: (channels: string[]) => void;
  choose?: (id: number) => void;
  /** The map's WebGL context is gone: it must be made anew. */
  lost: () => void;
}

/** How long people's own moves take, ms. */
const MOVE_MS = 900;
const STEP_MS = 250;

/** A map that follows its world. */
export class Chart {
  readonly map: Map;
  private readonly units: UnitsLayer;
  private readonly incidents: IncidentsLayer;
  private readonly signs: AlertSigns;
  private readonly sides: SideNames;
  private readonly edges: Edges;
  private ready = false;
  private places: Place[] = [];
  private language: Language;
  private readonly ended = new AbortController();
  private shown: [readonly AlertView[], number | null] = [[], null];
  private looking: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly wishes: Wishes) {
    const { container, region, world, interactive, scale } = wishes;
    const [west, south, east, north] = region.view.view;
    const origin = [mercatorX((west + east) / 2), mercatorY((south + north) / 2)] as const;
    this.map = new Map({
      container,
      style: styleOf(region),
      bounds: [west, south, east, north],
      fitBoundsOptions: { padding: wishes.padding },
      interactive,
      attributionControl: false,
      localIdeographFontFamily: FONTS,
      pixelRatio: devicePixelRatio * scale,
      maxCanvasSize: [largestSide(), largestSide()],
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      fadeDuration: 200,
      // The layers are at hand: tiles out of sight are soon made again, and a tour would
      // gather hundreds of them.
      maxTileCacheSize: 8,
      // A slow machine shows coarse tiles while it waits for fine ones.
      cancelPendingTileRequestsWhileZooming: false,
      maxZoom: 17,
      minZoom: 4,
      canvasContextAttributes: { antialias: true, powerPreference: "high-performance" },
    });
    this.map.touchZoomRotate?.disableRotation();
    this.units = new UnitsLayer(world, region, origin);
    this.incidents = new IncidentsLayer(world, region, origin);
    this.signs = new AlertSigns(this.map, wishes.choose);
    this.sides = new SideNames(this.map, wishes.padding, () => this.signs.boxes(), () => this.ready && addLands(this.map, region));
    this.edges = new Edges(this.map, wishes.padding, interactive ? AMONG_TOOLS : IN_SHADE);
    this.map.once("style.load", () => {
      this.map.addLayer(this.incidents, "name-township");
      this.map.addLayer(this.units, "name-township");
      this.ready = true;
      this.signs.show(...this.shown);
      this.sides.again();
      this.look();
    });
    // Before MapLibre hears of it: what it throws away of a lost map's style it never lets go
    // of, and with it of the whole map (6.17, Style.destroy); a map that is removed it does.
    container.addEventListener("webglcontextlost", () => wishes.lost(), { capture: true, signal: this.ended.signal });
    this.map.on("idle", () => (container.dataset["drawn"] = "all"));
    this.map.on("movestart", () => delete container.dataset["drawn"]);
    this.map.on("moveend", () => this.lookSoon());
    this.language = wishes.language;
    this.places = jurisdictionPlaces(region);
    this.speak(this.language);
    const { signal } = this.ended;
    void persist(() => layerPlaces(region, signal), signal).then((more) => {
      if (more) this.places = [...this.places, ...more];
      if (!signal.aborted) this.speak(this.language);
    });
    mend(this.map, region, signal);
  }

  /** Whether its WebGL context is gone. */
  get lost(): boolean {
    return this.map.painter.context.gl.isContextLost();
  }

  /** Writes the names in a language. */
  speak(language: Language): void {
    this.language = language;
    this.map.getCanvas().setAttribute("aria-label", texts.value.map.label);
    const write = () => void (this.map.getSource(NAMES) as GeoJSONSource).setData(namesIn(this.places, this.language));
    if (this.map.getSource(NAMES)) write();
    else this.map.once("styledata", write);
  }

  /** The units moved. */
  unitsMoved(): void {
    this.units.moved();
  }

  /** Parties have other colours. */
  recoloured(): void {
    this.units.recoloured();
  }

  /** Incidents came or went. */
  incidentsChanged(): void {
    this.incidents.changed();
  }

  /** Shows these alerts. */
  showAlerts(alerts: readonly AlertView[], chosen: number | null): void {
    this.shown = [alerts, chosen];
    const standing = alerts.filter(stands);
    this.edges.show(standing.map(({ center }) => center));
    this.units.alarm(standing.map(({ center }) => center));
    if (this.ready) this.signs.show(alerts, chosen);
  }

  /** Names the places on either side of the alert that is looked at; none without one. */
  nameSides(alert: AlertView | undefined, sides: readonly Side[]): void {
    this.sides.show(sides, alert ? ring(alert) : []);
  }

  /** Shows only some incidents and units. */
  filter(incidents: Shows | undefined, agencies: ((agency: string) => boolean) | undefined): void {
    this.incidents.filter(incidents);
    this.units.filter(agencies);
  }

  /** Goes to see some bounds, slowly; `there` is told once all of them is drawn. */
  visit(bounds: Bounds, ms: number, closest: number, there: () => void = () => undefined): void {
    const [west, south, east, north] = bounds;
    this.map.fitBounds([west, south, east, north], {
      padding: this.wishes.padding,
      maxZoom: closest,
      duration: ms,
      essential: true,
      curve: 1.2,
    });
    this.map.once("idle", there);
  }

  /** Goes to what the region shows first. */
  home(): void {
    this.visit(this.wishes.region.view.view, MOVE_MS, this.map.getMaxZoom());
  }

  /** Goes so many zooms nearer, or further away. */
  zoomBy(zooms: number): void {
    this.map.zoomTo(Math.round(this.map.getZoom()) + zooms, { duration: STEP_MS });
  }

  /** Metres that a pixel stands for in the middle of what is seen. */
  get metresPerPixel(): number {
    return metresPerPixel(this.map.getCenter().lat, this.map.getZoom());
  }

  /** Calls at once and whenever something else is seen; until the returned function is called. */
  onView(call: () => void): () => void {
    this.map.on("move", call);
    call();
    return () => void this.map.off("move", call);
  }

  /** Outlines the zone that is being looked at; none with `null`. */
  outlineZone(code: string | null): void {
    if (this.map.getLayer("zone-edges")) {
      const named = ["!=", ["get", "kind"], "interprovincial_border_area"];
      this.map.setFilter("zone-edges", (code ? ["any", named, ["==", ["get", "code"], code]] : named) as never);
    }
  }

  /** The channels of units that cover what is seen. */
  look(): void {
    const seen = this.map.getBounds();
    const bounds = [seen.getWest(), seen.getSouth(), seen.getEast(), seen.getNorth()] as const;
    this.wishes.watch(unitChannels(bounds, this.map.getZoom()));
  }

  /** Ends it. */
  remove(): void {
    this.ended.abort();
    clearTimeout(this.looking);
    delete this.wishes.container.dataset["drawn"];
    this.edges.remove();
    this.map.remove();
  }

  private lookSoon(): void {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => this.look(), 150);
  }
}
