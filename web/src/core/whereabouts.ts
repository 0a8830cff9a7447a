// Where along its border an alert lies, in the words of the people there: the
// counties of its reports, one a side.

import type { AlertView } from "../contract/AlertView";
import type { Incidents } from "./incidents";
import { mercatorX, mercatorY } from "./mercator";
import type { Named, Region } from "./region";

/** A hair in the unit square (about 5 m here), so that reports on the hull count. */
const HAIR = 1.5e-7;

/**
 * The most frequent county of each of the alert's first two sides among the reports
 * inside its hull; the side itself where none is known.
 */
export function whereabouts(alert: AlertView, incidents: Incidents, region: Region): Named[] {
  const sides = alert.sides.slice(0, 2);
  if (region.view.level !== "province") return sides;
  const hull = alert.hull.length > 0 ? alert.hull : [alert.center];
  const xs = hull.map((point) => mercatorX(point[0]));
  const ys = hull.map((point) => mercatorY(point[1]));
  const [west, east] = [Math.min(...xs) - HAIR, Math.max(...xs) + HAIR];
  const [north, south] = [Math.min(...ys) - HAIR, Math.max(...ys) + HAIR];
  const matters = new Set(alert.matters.map(([code]) => code));
  const counts = new Map<number, number>();
  const { x, y, matter, place } = incidents;
  for (let i = 0; i < incidents.count; i++) {
    if (x[i]! < west || x[i]! > east || y[i]! < north || y[i]! > south) continue;
    if (!matters.has(incidents.matters.text(matter[i]!))) continue;
    counts.set(place[i]!, (counts.get(place[i]!) ?? 0) + 1);
  }
  const ranked = [...counts].sort((a, b) => b[1] - a[1]).map(([number]) => incidents.places.text(number));
  return sides.map((side) => {
    const county = ranked.find((code) => region.at(code, region.view.level)?.code === side.code);
    return (county ? region.jurisdiction(county) : undefined) ?? side;
  });
}
