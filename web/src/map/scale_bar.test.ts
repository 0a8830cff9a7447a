import { expect, test } from "vitest";
import { metresPerPixel, scaleBar } from "./scale_bar";

test("the bar stands for the longest round distance that has room", () => {
  for (const [metres_px, metres] of [[1, 100], [1.9, 100], [2, 200], [5, 500], [9.9, 500], [10, 1_000], [0.3, 20], [800, 50_000]] as const) {
    const bar = scaleBar(metres_px, 100);
    expect(bar.metres).toBe(metres);
    expect(bar.pixels).toBeCloseTo(metres / metres_px);
    expect(bar.pixels).toBeLessThanOrEqual(100);
    expect(bar.pixels).toBeGreaterThan(35);
  }
});

test("a pixel stands for half as much at each closer zoom, and for less towards the pole", () => {
  expect(metresPerPixel(0, 0)).toBeCloseTo(78_271.5, 0);
  expect(metresPerPixel(31, 10) / metresPerPixel(31, 11)).toBeCloseTo(2);
  expect(metresPerPixel(60, 5) / metresPerPixel(0, 5)).toBeCloseTo(0.5);
});
