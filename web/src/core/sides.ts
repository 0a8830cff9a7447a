// The sides of an alert: in which order they are told, and where on the map their
// names stand.

import type { AlertView } from "../contract/AlertView";
import type { SideView } from "../contract/SideView";
import type { Incidents } from "./incidents";
import { latitude, longitude, mercatorX, mercatorY } from "./mercator";

/** A hair in the unit square (about 5 m here), so that reports on the hull count. */
const HAIR = 1.5e-7;

/** The sides of an alert, the two of its border first; then those with most members. */
export function sidesOf(alert: AlertView): SideView[] {
  const border = alert.border.code.split("-");
  const beyond = (side: SideView) => Number(!border.includes(side.code));
  return [...alert.sides].sort((a, b) => beyond(a) - beyond(b));
}

/** The middle of an alert's reports in a county, `[lng, lat]`; `null` while none is here. */
function middle(alert: AlertView, county: string, incidents: Incidents): [number, number] | null {
  const hull = alert.hull.length > 0 ? alert.hull : [alert.center];
  const xs = hull.map((point) => mercatorX(point[0]));
  const ys = hull.map((point) => mercatorY(point[1]));
  const [west, east] = [Math.min(...xs) - HAIR, Math.max(...xs) + HAIR];
  const [north, south] = [Math.min(...ys) - HAIR, Math.max(...ys) + HAIR];
  const matters = new Set(alert.matters.map(([code]) => code));
  const { x, y, matter, place } = incidents;
  let [count, across, down] = [0, 0, 0];
  for (let i = 0; i < incidents.count; i++) {
    if (x[i]! < west || x[i]! > east || y[i]! < north || y[i]! > south) continue;
    if (incidents.places.text(place[i]!) !== county || !matters.has(incidents.matters.text(matter[i]!))) continue;
    count++;
    across += x[i]!;
    down += y[i]!;
  }
  return count > 0 ? [longitude(across / count), latitude(down / count)] : null;
}

const METRES_A_DEGREE = 111_320;

/**
 * Where to write the names of an alert's first two sides: beside its hull, each on
 * its own side of the border. Nothing while its reports are not here.
 */
export function beside(alert: AlertView, incidents: Incidents): [number, number][] {
  const [first, second] = sidesOf(alert).map((side) => middle(alert, side.place, incidents));
  if (!first || !second) return [];
  const narrow = Math.cos((alert.center[1] * Math.PI) / 180);
  const metres = (from: readonly number[], to: readonly number[]): [number, number] => [
    (to[0]! - from[0]!) * METRES_A_DEGREE * narrow,
    (to[1]! - from[1]!) * METRES_A_DEGREE,
  ];
  const [east, north] = metres(second, first);
  const apart = Math.hypot(east, north);
  if (apart < 1) return [];
  const radius = Math.max(0, ...alert.hull.map((point) => Math.hypot(...metres(alert.center, point))));
  const away = radius + 900;
  return [1, -1].map((way): [number, number] => [
    alert.center[0] + (way * away * east) / apart / METRES_A_DEGREE / narrow,
    alert.center[1] + (way * away * north) / apart / METRES_A_DEGREE,
  ]);
}
