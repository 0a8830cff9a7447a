import { expect, test } from "vitest";
import { columnsOf, distanceOf, mapScaleOf, paddingOf, scaleOf } from "./screen";

test("a wall of 1080 lines and one of 2160 are laid out alike", () => {
  expect([scaleOf(1920, 1080), scaleOf(3840, 2160)]).toEqual([1, 2]);
  expect([columnsOf(1920, 1080), columnsOf(3840, 2160), columnsOf(1920, 1200)]).toEqual([1, 1, 1]);
});

test("an ultra-wide wall shows more cards beside each other, and the map keeps room", () => {
  for (const [width, height, columns] of [[7680, 2160, 3], [5760, 1080, 3], [3440, 1440, 2]] as const) {
    expect(columnsOf(width, height)).toBe(columns);
    const { left, right } = paddingOf(columns, 3);
    expect(width / scaleOf(width, height) - left - right).toBeGreaterThan(900);
  }
});

test("only the three distances are known", () => {
  expect(["", "?distance=6", "?distance=10", "?distance=7", "?distance=x"].map(distanceOf)).toEqual([3, 6, 10, 3, 3]);
});

test("from afar the map's names and signs are larger, and it keeps its room", () => {
  for (const distance of [3, 6, 10] as const) {
    const { left, right, top, bottom } = paddingOf(1, distance);
    const scale = mapScaleOf(1, distance);
    expect((1920 / scale - left - right) * scale).toBeGreaterThan(850);
    expect((1080 / scale - top - bottom) * scale).toBeGreaterThan(650);
  }
  expect(mapScaleOf(2, 3)).toBe(2);
  expect(mapScaleOf(1, 10)).toBeGreaterThan(mapScaleOf(1, 6));
});
