// Where the wall looks, and for how long: home, the alerts that stand, the zones in
// turn; a new alert before anything else. Pure; `guide.ts` moves the map.

import type { AlertView, RegionView, ZoneView } from "../contract/openapi";
import type { Bounds } from "../core/tiles";
import { stands } from "../core/world";
import { extent, type Point } from "../map/hull";

/** Something to look at. */
export type Stop =
  | { kind: "home"; key: string; bounds: Bounds }
  | { kind: "whole"; key: string; bounds: Bounds }
  | { kind: "zone"; key: string; bounds: Bounds; zone: ZoneView }
  | { kind: "alert"; key: string; bounds: Bounds; id: number };

/** At most so many alerts and zones between two looks at the whole. */
const ALERTS_A_ROUND = 5;
const ZONES_A_ROUND = 2;

/** How long the wall stays, ms. */
export function dwell(stop: Stop, fresh: boolean): number {
  if (fresh) return 24_000;
  if (stop.kind === "whole") return 18_000;
  return stop.kind === "home" ? 26_000 : stop.kind === "alert" ? 15_000 : 13_000;
}

/** The stops of a round, the whole and home last; `round` says whose turn it is among the zones and alerts. */
export function stops(region: RegionView, alerts: readonly AlertView[], round: number): Stop[] {
  const standing = alerts.filter(stands);
  const chosen = turn(standing, round, ALERTS_A_ROUND).map((alert): Stop => alertStop(alert));
  const kinds = ["event_perimeter", "pilot_startup_area", "demonstration_zone", "interprovincial_border_area"];
  const ranked = [...region.zones].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  const zones = turn(ranked, round, ZONES_A_ROUND).map(
    (zone): Stop => ({ kind: "zone", key: `zone ${zone.code}`, bounds: zone.bbox, zone }),
  );
  return [...chosen, ...zones, ...whole(region, standing), home(region)];
}

/** The look at all that stands, where some of it lies outside the look at home. */
function whole(region: RegionView, standing: readonly AlertView[]): Stop[] {
  const [west, south, east, north] = region.view;
  const outside = standing.filter(({ center: [x, y] }) => x < west || x > east || y < south || y > north);
  if (outside.length === 0) return [];
  const [left, bottom, right, top] = extent([...standing.map(({ center }) => center as Point), [west, south], [east, north]]);
  const [wide, high] = [(right - left) * 0.04, (top - bottom) * 0.04];
  return [{ kind: "whole", key: "whole", bounds: [left - wide, bottom - high, right + wide, top + high] }];
}

/** Where the wall begins: what the region shows first. */
export function home(region: RegionView): Stop {
  return { kind: "home", key: "home", bounds: region.view };
}

/** Where an alert is looked at: its hull with some country around it. */
export function alertStop(alert: AlertView): Stop {
  const [west, south, east, north] = extent(alert.hull.length > 0 ? (alert.hull as Point[]) : [alert.center]);
  const room = Math.max(east - west, north - south, 0.009) * 1.1;
  const bounds: Bounds = [west - room, south - room, east + room, north + room];
  return { kind: "alert", key: `alert ${alert.id}`, bounds, id: alert.id };
}

/** `count` of the items, beginning where the last round ended. */
function turn<T>(items: readonly T[], round: number, count: number): T[] {
  const some = Math.min(count, items.length);
  return Array.from({ length: some }, (_, at) => items[(round * some + at) % items.length]!);
}
