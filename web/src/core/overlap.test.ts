import { expect, test } from "vitest";
import { overlap } from "./overlap";

type Area = [number, number][];
/** A square of some 100 m with its south-west corner so many hundred metres east and north of a place. */
const square = (east: number, north: number): Area => {
  const corner = (x: number, y: number): [number, number] => [120.8 + (east + x) * 0.00105, 31 + (north + y) * 0.0009];
  return [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)];
};

test("areas that overlap, touch or lie within each other share a point", () => {
  expect(overlap(square(0, 0), square(0.5, 0.5))).toBe(true);
  expect(overlap(square(0, 0), square(1, 0))).toBe(true);
  const within: Area = [[120.8004, 31.0004], [120.8005, 31.0004], [120.8004, 31.0005]];
  expect(overlap(square(0, 0), within)).toBe(true);
  expect(overlap(within, square(0, 0))).toBe(true);
});

test("areas apart do not, also where only a slanted line parts them", () => {
  expect(overlap(square(0, 0), square(1.1, 0))).toBe(false);
  const under: Area = [[120.8, 31], [120.81, 31], [120.8, 31.01]];
  const beyond: Area = [[120.8098, 31.0098], [120.8098, 31.0004], [120.8004, 31.0098]];
  expect(overlap(under, beyond)).toBe(false);
});

test("a point and a line are areas too", () => {
  const corner: Area = [square(0, 0)[2]!];
  expect(overlap(square(0, 0), corner)).toBe(true);
  expect(overlap(corner, corner)).toBe(true);
  expect(overlap(corner, [[120.9, 31]])).toBe(false);
  const line: Area = [[120.7995, 31.0004], [120.802, 31.0004]];
  expect(overlap(square(0, 0), line)).toBe(true);
  expect(overlap([[120.803, 31.0004]], line)).toBe(false);
  expect(overlap([], line)).toBe(false);
});
