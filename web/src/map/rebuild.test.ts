import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MapKeeper, mapHopeless, mapMissing, type Drawn } from "./rebuild";

interface Fake extends Drawn {
  lost: boolean;
  removed: boolean;
  tell: () => void;
}
let made: Fake[];
let tries: number[];
let refusing: boolean;
let hidden: boolean;
let visible: (() => void)[];
let keeper: MapKeeper;

const make = (lost: () => void): Drawn => {
  tries.push(Date.now());
  if (refusing) throw new Error("no WebGL");
  const one: Fake = { lost: false, removed: false, tell: lost, remove: () => (one.removed = true) };
  made.push(one);
  return one;
};
const around = {
  hidden: () => hidden,
  onVisible: (call: () => void) => {
    visible.push(call);
    return () => (visible = visible.filter((one) => one !== call));
  },
};
const waits = () => tries.slice(1).map((at, i) => at - tries[i]!);

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  [made, tries, refusing, hidden, visible] = [[], [], false, false, []];
});
afterEach(() => {
  keeper.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("a map whose context is taken and not given back is made anew", () => {
  keeper = new MapKeeper(make, around);
  expect(mapMissing.value).toBe(false);
  made[0]!.tell();
  expect(made[0]!.removed).toBe(true);
  expect(mapMissing.value).toBe(true);
  vi.advanceTimersByTime(1_000);
  expect(made).toHaveLength(2);
  expect(mapMissing.value).toBe(false);
});

test("a map that is missing for minutes asks for a person, until it is there after all", () => {
  refusing = true;
  keeper = new MapKeeper(make, around);
  vi.advanceTimersByTime(299_000);
  expect([mapMissing.value, mapHopeless.value]).toEqual([true, false]);
  vi.advanceTimersByTime(2_000);
  expect(mapHopeless.value).toBe(true);
  refusing = false;
  vi.advanceTimersByTime(30_000);
  expect([mapMissing.value, mapHopeless.value]).toEqual([false, false]);
});

test("a context that is refused is asked for again, less and less often, for as long as it takes", () => {
  refusing = true;
  keeper = new MapKeeper(make, around);
  vi.advanceTimersByTime(3_600_000);
  expect(waits().slice(0, 4)).toEqual([250, 500, 1_000, 2_000]);
  expect(Math.max(...waits())).toBe(30_000);
  expect(mapMissing.value).toBe(true);
  refusing = false;
  vi.advanceTimersByTime(30_000);
  expect(made).toHaveLength(1);
  expect(mapMissing.value).toBe(false);
});

test("pages that take each other's context wait longer each time; a steady map begins anew", () => {
  keeper = new MapKeeper(make, around);
  const pauses: number[] = [];
  const lose = () => {
    const at = Date.now();
    made.at(-1)!.tell();
    vi.advanceTimersByTime(10_000);
    pauses.push(tries.at(-1)! - at);
  };
  for (let loss = 0; loss < 4; loss++) lose();
  expect(pauses).toEqual([250, 500, 1_000, 2_000]);
  vi.advanceTimersByTime(60_000);
  lose();
  expect(pauses.at(-1)).toBe(250);
});

test("a loss that nobody told is found", () => {
  keeper = new MapKeeper(make, around);
  made[0]!.lost = true;
  vi.advanceTimersByTime(10_000);
  expect(made).toHaveLength(2);
});

test("a page that nobody sees takes no context, and has its map as soon as it is seen", () => {
  keeper = new MapKeeper(make, around);
  hidden = true;
  made[0]!.tell();
  vi.advanceTimersByTime(600_000);
  expect(made).toHaveLength(1);
  hidden = false;
  for (const call of visible) call();
  expect(made).toHaveLength(2);
});

test("a loss is told once, and one of an earlier map is none", () => {
  keeper = new MapKeeper(make, around);
  made[0]!.tell();
  made[0]!.tell();
  vi.advanceTimersByTime(1_000);
  made[0]!.tell();
  vi.advanceTimersByTime(60_000);
  expect(made).toHaveLength(2);
});

test("a keeper that was closed makes nothing any more", () => {
  keeper = new MapKeeper(make, around);
  made[0]!.tell();
  keeper.close();
  expect(mapMissing.value).toBe(false);
  vi.advanceTimersByTime(600_000);
  expect(tries).toHaveLength(1);
  expect(visible).toHaveLength(0);
});
