import { expect, test } from "vitest";
import type { AlertView } from "../contract/openapi";
import { alert } from "../core/samples";
import { isWaiting, situations, waitingSince } from "./situations";

const box = (west: number, south: number, wide = 0.004): [number, number][] =>
  [[west, south], [west + wide, south], [west + wide, south + wide], [west, south + wide]];
const answered = { by: "李伟", signer: null, at: 1, note: "" };
const at = (id: number, rule: string, hull: [number, number][], more: Partial<AlertView> = {}) =>
  alert(id, { rule, hull, ...more });
const ids = (alerts: AlertView[]) => situations(alerts).map((one) => one.alerts.map((alert) => alert.id));

test("alerts of two rules over the same reports are one situation", () => {
  expect(ids([at(1, "spoil", box(120.8, 31)), at(2, "waste", box(120.799, 30.999, 0.006), { members: 9 })])).toEqual([[2, 1]]);
});

test("a wide rule joins the two heaps that it covers", () => {
  const [a, b] = [at(1, "spoil", box(120.8, 31)), at(2, "spoil", box(120.82, 31))];
  expect(ids([a, b])).toHaveLength(2);
  expect(ids([a, b, at(3, "waste", box(120.799, 30.99, 0.03), { members: 20 })])).toEqual([[3, 1, 2]]);
});

test("neither another border, nor another category, nor other ground is the same", () => {
  const one = at(1, "spoil", box(120.8, 31));
  const border = { code: "310000-330000", name: "", name_en: "" };
  expect(ids([one, at(2, "waste", box(120.8, 31), { border })])).toHaveLength(2);
  expect(ids([one, at(2, "vending", box(120.8, 31), { matters: [["vending", 7]] })])).toHaveLength(2);
  expect(ids([one, at(2, "waste", box(120.81, 31))])).toHaveLength(2);
  expect(ids([one, at(2, "waste", box(120.8, 31), { state: "cleared", ended_at: 9 })])).toHaveLength(2);
});

test("a situation waits while any of its alerts does, since the first of them", () => {
  const [both] = situations([
    at(1, "spoil", box(120.8, 31), { acknowledged: answered, severity: 4 }),
    at(2, "waste", box(120.8, 31), { severity: 2 }),
  ]);
  expect([both!.lead.id, isWaiting(both!), waitingSince(both!)]).toEqual([2, true, 2000]);
});

test("what waits comes before what does not, and what goes on before what has come to rest", () => {
  const far = (id: number, more: Partial<AlertView>) => at(id, "spoil", box(120 + id, 31), more);
  const rest = { last_24h: 0 };
  expect(ids([
    far(1, { severity: 4, ...rest }), far(2, { severity: 2 }), far(3, { severity: 3, last_24h: 2 }),
    far(4, { severity: 3, last_24h: 5 }), far(5, { severity: 4, acknowledged: answered }),
  ])).toEqual([[4], [3], [2], [1], [5]]);
});
