import { expect, test } from "vitest";
import type { Point } from "./hull";
import { placed, widthOf, type Box, type Polygon } from "./room";

const VIEW: Box = [0, 0, 1000, 800];
const box = (west: number, north: number, east: number, south: number): Point[] =>
  [[west, north], [east, north], [east, south], [west, south], [west, north]];
/** Two lands that meet at x = 500, and an alert on the line. */
const WEST: Polygon[] = [[box(0, 0, 500, 800)]];
const EAST: Polygon[] = [[box(500, 0, 1000, 800)]];
/** Where a name stands when it is written nowhere else. */
const home: Point = [900, 100];
const ALERT = box(450, 350, 550, 450);

/** The part of the screen that a placed name covers. */
function area({ name, at: [x, y], size }: ReturnType<typeof placed>[number]): Box {
  const [width, height] = [widthOf(name, size), size * 1.3];
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

const apart = (a: Box, b: Box) => a[2] <= b[0] || b[2] <= a[0] || a[3] <= b[1] || b[3] <= a[1];

test("each name stands on its own land, large, clear of the alert, and near to it", () => {
  const names = placed([{ name: "Wujiang District", land: WEST, home }, { name: "青浦区", land: EAST, home }], ALERT, [], VIEW);
  expect(names.map(({ name, size }) => [name, size])).toEqual([["Wujiang District", 26], ["青浦区", 26]]);
  const [west, east] = names.map(area) as [Box, Box];
  expect(west[2]).toBeLessThanOrEqual(500);
  expect(east[0]).toBeGreaterThanOrEqual(500);
  for (const one of [west, east]) expect(apart(one, [450, 350, 550, 450])).toBe(true);
  for (const { at } of names) expect(Math.hypot(at[0] - 500, at[1] - 400)).toBeLessThan(250);
});

test("a land that bends round the alert has its name where it lies", () => {
  // All but a strip in the north is the one side's.
  const strip: Polygon[] = [[box(0, 0, 1000, 200)]];
  const rest: Polygon[] = [[box(0, 200, 1000, 800)]];
  const [first, second] = placed([{ name: "嘉善县", land: strip, home }, { name: "枫泾镇", land: rest, home }], box(450, 150, 550, 250), [], VIEW);
  expect(area(first!)[3]).toBeLessThanOrEqual(200);
  expect(area(second!)[1]).toBeGreaterThanOrEqual(200);
});

test("the two names and the signs keep clear of each other", () => {
  const land: Polygon[] = [[box(0, 0, 1000, 800)]];
  const sign: Box = [480, 310, 520, 350];
  const names = placed([{ name: "Downtown", land, home }, { name: "Chinatown", land, home }], ALERT, [sign], VIEW);
  const [one, other] = names.map(area) as [Box, Box];
  expect(apart(one, other)).toBe(true);
  expect(apart(one, sign) && apart(other, sign)).toBe(true);
});

test("a narrow land has a smaller name, and one that is not in sight has none", () => {
  const narrow: Polygon[] = [[box(500, 0, 640, 800)]];
  const names = placed([{ name: "Bay Village", land: narrow, home }, { name: "Hyde Park", land: [], home: [2000, 100] }], ALERT, [], VIEW);
  expect(names.map(({ name }) => name)).toEqual(["Bay Village"]);
  expect(names[0]!.size).toBeLessThan(26);
});

test("no name stands in a hole of its land", () => {
  const ring: Polygon[] = [[box(0, 0, 1000, 800), box(200, 100, 800, 700)]];
  const [name] = placed([{ name: "嘉善县", land: ring, home }], ALERT, [], VIEW);
  expect(name).toBeDefined();
  const inHole = name && area(name)[0] > 200 && area(name)[2] < 800 && area(name)[1] > 100 && area(name)[3] < 700;
  expect(inHole).toBeFalsy();
});

test("a land that the alert covers has its name in its usual place", () => {
  const small: Polygon[] = [[box(455, 355, 545, 445)]];
  const [name] = placed([{ name: "Chinatown", land: small, home: [500, 400] }], ALERT, [], VIEW);
  expect(name).toMatchObject({ at: [500, 400], size: 17 });
  expect(placed([{ name: "Chinatown", land: small, home: [500, 400] }], ALERT, [[480, 380, 520, 420]], VIEW)).toEqual([]);
});
