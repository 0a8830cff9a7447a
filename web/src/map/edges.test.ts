import { expect, test } from "vitest";
import { beyond } from "./edges";

const box = [100, 100, 300, 200] as const;

test("what is seen has no arrow", () => {
  expect(beyond([[100, 100], [200, 150], [300, 200]], box as never)).toEqual([]);
});

test("what is beyond is counted where it lies, and its arrow stands on that edge", () => {
  const found = beyond([[0, 50], [20, 60], [200, 10], [900, 150], [200, 900]], box as never);
  expect(found).toEqual([
    { direction: 0, count: 1, at: [200, 100] },
    { direction: 2, count: 1, at: [300, 150] },
    { direction: 4, count: 1, at: [200, 200] },
    { direction: 7, count: 2, at: [100, 100] },
  ]);
});

test("every point beyond is in exactly one count", () => {
  const points = Array.from({ length: 360 }, (_, at): [number, number] =>
    [200 + 500 * Math.sin((at * Math.PI) / 180), 150 + 500 * Math.cos((at * Math.PI) / 180)]);
  const found = beyond(points, box as never);
  expect(found).toHaveLength(8);
  expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(360);
});
