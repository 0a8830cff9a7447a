import { expect, test } from "vitest";
import { apart, type Sign } from "./apart";

const sign = (x: number, y: number): Sign => ({ x, y, width: 38, height: 38 });

function covered(signs: Sign[]): number {
  const moves = apart(signs);
  const now = signs.map((one, at) => ({ ...one, x: one.x + moves[at]![0], y: one.y + moves[at]![1] }));
  return now.filter((a, at) =>
    now.slice(at + 1).some((b) => Math.abs(a.x - b.x) < 37 && Math.abs(a.y - b.y) < 37)).length;
}

test("signs that cover none stay where they are", () => {
  expect(apart([sign(0, 0), sign(60, 0), sign(0, 60)])).toEqual([[0, 0], [0, 0], [0, 0]]);
});

test("two signs of one place stand side by side", () => {
  const [[left, up], [right, down]] = apart([sign(10, 10), sign(10, 10)]) as [[number, number], [number, number]];
  expect([up, down]).toEqual([0, 0]);
  expect(right - left).toBeGreaterThanOrEqual(38);
});

test("signs that overlap part the shorter way", () => {
  const [first, second] = apart([sign(0, 0), sign(5, 30)]) as [[number, number], [number, number]];
  expect([first[0], second[0]]).toEqual([0, 0]);
  expect(second[1] - first[1]).toBeCloseTo(11);
});

test("a handful of signs in one place are all seen", () => {
  expect(covered([sign(0, 0), sign(2, 1), sign(-3, 2), sign(1, -2), sign(0, 3)])).toBe(0);
});
