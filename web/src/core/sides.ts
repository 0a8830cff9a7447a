// Where along its border an alert lies, in the words of the people there: the
// counties of its reports, one a side.

import type { AlertView } from "../contract/AlertView";
import type { Incidents } from "./incidents";
import { latitude, longitude, mercatorX, mercatorY } from "./mercator";
import type { Named, Region } from "./region";

/** A hair in the unit square (about 5 m here), so that reports on the hull count. */
const HAIR = 1.5e-7;

/** One side of an alert: its place, and the middle of its reports there. */
export interface Whereabouts extends Named {
  /** `[lng, lat]`; `null` while none of its reports is here. */
  middle: [number, number] | null;
}

/** Reports of one place: how many, and the sums of their co-ordinates. */
interface Heap {
  code: string;
  count: number;
  x: number;
  y: number;
}

/**
 * For the alert's first two sides the county with most of its reports, or the side
 * itself where the region's sides are no provinces or no report is known yet.
 */
export function whereabouts(alert: AlertView, incidents: Incidents, region: Region): Whereabouts[] {
  const heaps = heapsIn(alert, incidents);
  return alert.sides.slice(0, 2).map((side) => {
    const ours = heaps.filter((heap) => region.at(heap.code, region.view.level)?.code === side.code);
    const most = region.view.level === "province" ? ours[0] : undefined;
    const { name, name_en } = (most && region.jurisdiction(most.code)) ?? side;
    const sum = (of: (heap: Heap) => number) => ours.reduce((total, heap) => total + of(heap), 0);
    const count = sum((heap) => heap.count);
    const middle: [number, number] | null =
      count > 0 ? [longitude(sum((heap) => heap.x) / count), latitude(sum((heap) => heap.y) / count)] : null;
    return { name, name_en, middle };
  });
}

/** The alert's reports by place, most first: those of its matters within its hull. */
function heapsIn(alert: AlertView, incidents: Incidents): Heap[] {
  const hull = alert.hull.length > 0 ? alert.hull : [alert.center];
  const xs = hull.map((point) => mercatorX(point[0]));
  const ys = hull.map((point) => mercatorY(point[1]));
  const [west, east] = [Math.min(...xs) - HAIR, Math.max(...xs) + HAIR];
  const [north, south] = [Math.min(...ys) - HAIR, Math.max(...ys) + HAIR];
  const matters = new Set(alert.matters.map(([code]) => code));
  const heaps = new Map<number, Heap>();
  const { x, y, matter, place } = incidents;
  for (let i = 0; i < incidents.count; i++) {
    if (x[i]! < west || x[i]! > east || y[i]! < north || y[i]! > south) continue;
    if (!matters.has(incidents.matters.text(matter[i]!))) continue;
    const heap = heaps.get(place[i]!) ?? { code: incidents.places.text(place[i]!), count: 0, x: 0, y: 0 };
    heap.count++;
    heap.x += x[i]!;
    heap.y += y[i]!;
    heaps.set(place[i]!, heap);
  }
  return [...heaps.values()].sort((a, b) => b.count - a.count);
}

const METRES_A_DEGREE = 111_320;

/**
 * Where to write the names of an alert's two sides: beside its hull, each on its own
 * side of the border. Nothing when the two middles are not known or fall together.
 */
export function beside(alert: AlertView, sides: readonly Whereabouts[]): [number, number][] {
  const [first, second] = [sides[0]?.middle, sides[1]?.middle];
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
