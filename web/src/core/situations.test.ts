import { expect, test } from "vitest";
import type { AlertView } from "../contract/openapi";
import { alert } from "./samples";
import { byBorder, isStanding, isWaiting, lastEnded, situations, waitingSince } from "./situations";

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

test("a place counts once, whatever the number of its rules, and not once all of it has ended", () => {
  const over = { state: "cleared", ended_at: 9 } as const;
  const all = situations([
    at(1, "spoil", box(120.8, 31)), at(2, "waste", box(120.8, 31)), at(3, "gas", box(121.4, 31)), at(4, "spoil", box(122, 31), over),
  ]);
  expect([all.filter(isStanding).length, all.filter(isWaiting).length]).toEqual([2, 2]);
});

test("of several rules at one place the one that ended last is told, and none that goes on under another number", () => {
  const over = (ended_at: number, more: Partial<AlertView> = {}) => ({ state: "cleared" as const, ended_at, ...more });
  const alerts = [
    at(1, "spoil", box(120.8, 31), over(5)), at(2, "waste", box(120.8, 31), over(8)), at(3, "spoil", box(121.4, 31), over(7)),
    at(4, "spoil", box(122, 31), over(9, { state: "merged" })), at(5, "spoil", box(123, 31)),
  ];
  expect(lastEnded(alerts, 5).map(({ id }) => id)).toEqual([2, 3]);
  expect(lastEnded(alerts, 1).map(({ id }) => id)).toEqual([2]);
});

test("each border tells how many places stand and wait at it, and since when", () => {
  const border = { code: "310000-320000", name: "上海—江苏", name_en: "Shanghai–Jiangsu" };
  const standing = situations([
    at(5, "spoil", box(120, 31)), at(6, "waste", box(120, 31)), at(7, "spoil", box(121, 31)),
    at(8, "spoil", box(122, 31), { border, acknowledged: answered }), at(3, "spoil", box(123, 31), { border }),
  ]);
  const told = (most: number) => byBorder(standing, most).map(({ border: { code }, open, waiting, since }) => [code, open, waiting, since]);
  expect(told(1)).toEqual([["320000-330000", 2, 2, 5000]]);
  expect(told(5)).toEqual([["310000-320000", 2, 1, 3000], ["320000-330000", 2, 2, 5000]]);
});
