// The names of the two sides of the alert that is looked at, each on its own land. The
// same places are not named a second time in small.

import type { GeoJSONSource, Map, PaddingOptions } from "maplibre-gl";
import type { Point } from "./hull";
import { COUNTY_NAMES, countyFilter, LANDS, SIDES } from "./names";
import { placed, type Box, type Placed, type Polygon } from "./room";

/** One side: its place by name and code, and where that name else stands. */
export interface Side {
  name: string;
  code: string;
  home: Point;
}

export class SideNames {
  private sides: readonly Side[] = [];
  private alert: readonly Point[] = [];
  private settled = true;

  constructor(
    private readonly map: Map,
    /** What panels cover. */
    private readonly padding: PaddingOptions,
    /** The signs that no name may cover. */
    private readonly signs: () => Box[],
    /** Has the lands loaded, by which names are placed. */
    private readonly load: () => void,
  ) {
    map.on("moveend", () => this.again());
    map.on("sourcedata", ({ sourceId }) => sourceId === LANDS && this.settle());
  }

  /** Names these sides of an alert, whose outline is given. */
  show(sides: readonly Side[], alert: readonly Point[]): void {
    const others = sides.map(({ code }) => code).join() !== this.sides.map(({ code }) => code).join();
    this.sides = sides;
    this.alert = alert;
    if (others) this.write([]);
    this.again();
  }

  /** Places the names anew. */
  again(): void {
    if (this.sides.length > 0) this.load();
    this.settled = false;
    this.settle();
  }

  /** Places the names once the map stands still and the lands are here. */
  private settle(): void {
    const { map } = this;
    if (this.settled || map.isMoving()) return;
    if (this.sides.length > 0 && !(map.getSource(LANDS) && map.isSourceLoaded(LANDS))) return;
    this.settled = true;
    if (this.sides.length === 0) return this.write([]);
    const { clientWidth, clientHeight } = map.getContainer();
    const { top = 0, left = 0, right = 0, bottom = 0 } = this.padding;
    const labels = this.sides.map(({ name, code, home }) => ({ name, land: this.land(code), home: this.pixel(home) }));
    const view: Box = [left, top, clientWidth - right, clientHeight - bottom];
    this.write(placed(labels, this.alert.map((point) => this.pixel(point)), this.signs(), view));
  }

  /** The parts of a county that are in sight, on the screen. */
  private land(code: string): Polygon[] {
    const found = this.map.querySourceFeatures(LANDS, { filter: ["==", ["get", "code"], code] });
    return found.flatMap(({ geometry }) => {
      const polygons =
        geometry.type === "Polygon" ? [geometry.coordinates]
        : geometry.type === "MultiPolygon" ? geometry.coordinates
        : [];
      return polygons.map((rings) => rings.map((ring) => ring.map((point) => this.pixel(point as Point))));
    });
  }

  private pixel(point: Point): Point {
    const { x, y } = this.map.project(point);
    return [x, y];
  }

  private write(names: readonly Placed[]): void {
    const source = this.map.getSource(SIDES) as GeoJSONSource | undefined;
    if (!source) return;
    void source.setData({
      type: "FeatureCollection",
      features: names.map(({ name, at, size }) => ({
        type: "Feature",
        geometry: { type: "Point", coordinates: this.map.unproject(at).toArray() },
        properties: { name, size },
      })),
    });
    const named = this.sides.filter((side) => names.some(({ name }) => name === side.name));
    this.map.setFilter(COUNTY_NAMES, countyFilter(named.map(({ code }) => code)));
  }
}
