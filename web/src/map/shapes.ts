// Which shape on the map tells which class of matters, and which grade.

import type { RegionView } from "../contract/openapi";

/** How many shapes there are; more classes begin again. */
const SHAPES = 7;

/** The number of each class's shape, by its code; classes without matters have none. */
export function classShapes(view: RegionView): ReadonlyMap<string, number> {
  const order = [...new Set(view.matters.map((one) => one.class))].sort();
  return new Map(order.map((code, at) => [code, at % SHAPES]));
}

/** The outlines of the grades in a square of ±1: dot, square, triangle, diamond. */
const GRADES: readonly string[] = [
  "M-.8 0a.8.8 0 1 1 1.6 0a.8.8 0 1 1-1.6 0Z",
  "M-.8-.8H.8V.8H-.8Z",
  "M0-.98.98.8H-.98Z",
  "M0-1 1 0 0 1-1 0Z",
];

/** The second ring of the highest grade, within its diamond. */
export const INNER_RING = "M0-.78.78 0 0 .78-.78 0Z";

/** The highest grade. */
export const HIGHEST = 4;

/** The outline of a grade, 1 to 4. */
export function gradeShape(severity: number): string {
  return GRADES[severity - 1] ?? GRADES[0]!;
}
