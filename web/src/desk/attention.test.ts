import { expect, test } from "vitest";
import { alert } from "../core/samples";
import { Lookout, Opened } from "./attention";
import { LATE_MS, OVERDUE_MS } from "./lateness";

const answered = { by: "李伟", signer: null, at: 1, note: "" };

test("an alert is new until it is opened, also on the next visit, and again when it reopens", () => {
  const opened = Opened.from(null);
  const one = alert(1);
  expect(opened.isNew(one)).toBe(true);
  expect(opened.open(one)).toBe(true);
  expect(opened.open(one)).toBe(false);
  const later = Opened.from(opened.text);
  expect(later.isNew(one)).toBe(false);
  expect(later.isNew({ ...one, alarming_since: 99_000 })).toBe(true);
});

test("what is signed, or over, is not new", () => {
  const opened = Opened.from(null);
  expect(opened.isNew(alert(1, { acknowledged: answered }))).toBe(false);
  expect(opened.isNew(alert(1, { state: "cleared", ended_at: 5 }))).toBe(false);
});

test("what is remembered is bounded, and damage is forgotten", () => {
  const opened = Opened.from(null);
  for (let id = 1; id <= 2_500; id++) opened.open(alert(id));
  expect(opened.text.length).toBeLessThan(50_000);
  expect([opened.isNew(alert(500)), opened.isNew(alert(501))]).toEqual([true, false]);
  for (const damaged of ["", "{", "7", '[["x",1],[2]]', "null"]) expect(Opened.from(damaged).isNew(alert(2))).toBe(true);
});

test("each alert is pointed at once: when it comes, after five minutes, and after fifteen", () => {
  const lookout = new Lookout();
  const told = (minutes: number, ...alerts: ReturnType<typeof alert>[]) => {
    const { raised, late } = lookout.look(alerts, minutes * 60_000);
    return [raised.map((one) => one.id), late.map((one) => one.id)];
  };
  const old = alert(1, { alarming_since: 0 });
  const fresh = alert(2, { alarming_since: 60_000 });
  // What was there when the page was opened is not told.
  expect(told(0, old)).toEqual([[], []]);
  expect(told(1, old, fresh)).toEqual([[2], []]);
  expect(told(LATE_MS / 60_000, old, fresh)).toEqual([[], [1]]);
  expect(told(6, old, fresh)).toEqual([[], [2]]);
  expect(told(7, old, fresh)).toEqual([[], []]);
  expect(told(OVERDUE_MS / 60_000, old, { ...fresh, acknowledged: answered })).toEqual([[], [1]]);
  expect(told(20, old, { ...fresh, alarming_since: 1_100_000 })).toEqual([[2], []]);
});
