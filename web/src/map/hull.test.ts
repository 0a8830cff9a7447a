import { expect, test } from "vitest";
import { convex, extent, outline, type Point } from "./hull";

test("points within others are no corner", () => {
  const square: Point[] = [[0, 0], [2, 0], [2, 2], [0, 2], [1, 1], [1, 0]];
  expect(convex(square)).toEqual([[0, 0], [2, 0], [2, 2], [0, 2]]);
});

test("a single report has an area as wide as its margin", () => {
  const ring = outline([[121, 31]], 100);
  expect(ring[0]).toEqual(ring.at(-1));
  const [west, south, east, north] = extent(ring);
  expect((north - south) * 111_320).toBeCloseTo(200, 0);
  expect((east - west) * 111_320 * Math.cos((31 * Math.PI) / 180)).toBeCloseTo(200, 0);
});

test("every report lies inside the outline", () => {
  const hull: Point[] = [[121, 31], [121.01, 31.002], [121.004, 31.01]];
  const [west, south, east, north] = extent(outline(hull, 120));
  for (const [x, y] of hull) {
    expect(x > west && x < east && y > south && y < north).toBe(true);
  }
});

test("nothing has no outline", () => {
  expect(outline([], 100)).toEqual([]);
});
