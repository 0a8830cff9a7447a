import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Renewal, type Surroundings } from "./renewal";

const MINUTE = 60_000;

let begun: number[];
let renewed: number;
let writing: boolean;

const around: Surroundings = {
  now: () => Date.now(),
  chance: () => 0.5,
  last: () => renewed,
  remember: (at) => (renewed = at),
  busy: () => writing,
};
const page = () => new Renewal(() => begun.push(Date.now()), around);

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000 * MINUTE });
  begun = [];
  renewed = 0;
  writing = false;
});
afterEach(() => void vi.useRealTimers());

test("another build makes the page begin anew, once", () => {
  const one = page();
  one.wish();
  one.wish();
  expect(begun).toEqual([]);
  vi.advanceTimersByTime(MINUTE);
  expect(begun).toHaveLength(1);
});

test("two builds behind one address make it begin anew once an hour", () => {
  const open = () => {
    const one: Renewal = new Renewal(() => {
      begun.push(Date.now());
      open();
    }, around);
    one.wish();
  };
  open();
  vi.advanceTimersByTime(150 * MINUTE);
  expect(begun).toHaveLength(3);
});

test("a clock that was set back since puts it off by an hour at most", () => {
  renewed = Date.now() + 400 * 24 * 60 * MINUTE;
  page().wish();
  vi.advanceTimersByTime(61 * MINUTE);
  expect(begun).toHaveLength(1);
});

test("the own build again, and nothing happens", () => {
  const one = page();
  one.wish();
  one.cancel();
  vi.advanceTimersByTime(MINUTE);
  expect(begun).toEqual([]);
});

test("whoever is writing is waited for", () => {
  writing = true;
  page().wish();
  vi.advanceTimersByTime(10 * MINUTE);
  expect(begun).toEqual([]);
  writing = false;
  vi.advanceTimersByTime(MINUTE);
  expect(begun).toHaveLength(1);
});
