// Which shape on the map tells which class of matters.

import type { RegionView } from "../contract/openapi";

/** How many shapes there are; more classes begin again. */
const SHAPES = 7;

/** The number of each class's shape, by its code; classes without matters have none. */
export function classShapes(view: RegionView): ReadonlyMap<string, number> {
  const order = [...new Set(view.matters.map((one) => one.class))].sort();
  return new Map(order.map((code, at) => [code, at % SHAPES]));
}
