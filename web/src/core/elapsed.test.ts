import { expect, test } from "vitest";
import { instant, since } from "./elapsed";

const clocks = (steady: number, calendar: number) => ({ steady: () => steady, calendar: () => calendar });
const then = instant(clocks(1_000, 50_000));

test("both clocks run: the time that passed", () => {
  expect(since(then, clocks(4_000, 53_000))).toBe(3_000);
});

test("a calendar that was set back makes nothing younger", () => {
  expect(since(then, clocks(4_000, 53_000 - 1_800_000))).toBe(3_000);
});

test("a machine that slept counts its sleep", () => {
  expect(since(then, clocks(1_200, 50_000 + 3_600_000))).toBe(3_600_000);
});

test("nothing is in the future", () => {
  expect(since(then, clocks(900, 49_000))).toBe(0);
});
