import { expect, test } from "vitest";
import type { StatsFrame } from "../contract/openapi";
import { silence } from "./fleet";
import { mercatorX } from "./mercator";
import { alert, incident, unit } from "./samples";
import { byUrgency, World } from "./world";

const figures = (at: number) => ({ at }) as StatsFrame;
const DAY = 24 * 3600 * 1000;

test("a snapshot of alerts replaces, changes amend", () => {
  const world = new World();
  world.takeAlerts({ at: 1, alerts: [alert(1), alert(2)] });
  const changes = world.takeAlerts({
    at: 2,
    changes: [{ step: "cleared", alert: alert(2, { state: "cleared", ended_at: 2 }), others: [] }],
  });
  expect(changes).toHaveLength(1);
  expect(world.alerts.get(2)?.state).toBe("cleared");
  world.takeAlerts({ at: 3, alerts: [alert(5)] });
  expect([...world.alerts.keys()]).toEqual([5]);
});

test("a repeated incident is kept once", () => {
  const world = new World();
  world.takeIncidents({ at: 1, rows: [incident(1, 0), incident(2, 0)] });
  world.takeIncidents({ at: 2, rows: [incident(2, 0), incident(3, 0)] });
  expect(world.incidents.count).toBe(3);
});

test("an incident that comes out of order finds its place", () => {
  const world = new World();
  world.takeIncidents({ at: 1, rows: [incident(5, 50), incident(2, 20), incident(9, 90), incident(3, 30)] });
  expect([...world.incidents.id.slice(0, 4)]).toEqual([2, 3, 5, 9]);
  expect([...world.incidents.at.slice(0, 4)]).toEqual([20, 30, 50, 90]);
});

test("a reset forgets what went before", () => {
  const world = new World();
  world.takeIncidents({ at: 1, rows: [incident(1, 0)] });
  const { edition } = world.incidents;
  world.takeIncidents({ at: 2, reset: true, rows: [incident(9, 0)] });
  expect(world.incidents.find(1)).toBeUndefined();
  expect(world.incidents.find(9)).toBe(0);
  expect(world.incidents.edition).not.toBe(edition);
});

test("what leaves the window leaves the page, and the rest can still be found", () => {
  const world = new World();
  world.takeIncidents({ at: 4 * DAY, rows: [incident(1, 0), incident(2, 3 * DAY), incident(3, 4 * DAY)] });
  world.expire(2 * DAY);
  expect(world.incidents.count).toBe(2);
  expect(world.incidents.id[world.incidents.find(3)!]).toBe(3);
  expect(world.incidents.find(1)).toBeUndefined();
});

test("alerts that ended a day ago are forgotten", () => {
  const world = new World();
  const ended = (id: number, at: number) => alert(id, { state: "cleared", ended_at: at });
  world.takeAlerts({ at: 3 * DAY, alerts: [ended(1, DAY), ended(2, 2.5 * DAY), alert(3)] });
  world.expire(DAY);
  expect([...world.alerts.keys()]).toEqual([2, 3]);
});

test("a unit that crosses into the next cell is not lost when the first says it is gone", () => {
  const world = new World();
  world.takeUnits("a", { at: 1, reset: true, rows: [unit(1, 120, 1)] }, 0);
  world.takeUnits("b", { at: 2, rows: [unit(1, 121, 2)] }, 1000);
  world.takeUnits("a", { at: 2, rows: [], gone: [1] }, 1000);
  expect(world.fleet.count).toBe(1);
  world.fleet.leave("b");
  expect(world.fleet.count).toBe(0);
});

test("a late fix does not move a unit back", () => {
  const world = new World();
  world.takeUnits("a", { at: 5, rows: [unit(1, 121, 5)] }, 0);
  world.takeUnits("a", { at: 6, rows: [unit(1, 120, 4)] }, 1000);
  expect(world.fleet.x[world.fleet.find(1)!]).toBe(mercatorX(121));
});

test("a unit glides from where it was drawn to where it is", () => {
  const world = new World();
  world.takeUnits("a", { at: 1, rows: [unit(1, 121, 1)] }, 0);
  world.takeUnits("a", { at: 2, rows: [unit(1, 121.001, 2)] }, 1000);
  world.takeUnits("a", { at: 3, rows: [unit(1, 121.002, 3)] }, 1500);
  const slot = world.fleet.find(1)!;
  expect(world.fleet.fromX[slot]).toBeCloseTo(mercatorX(121.0005), 9);
  expect(world.fleet.glide[slot]).toBe(500);
});

test("a unit is on duty until it has been silent for five minutes", () => {
  const { pales, leaves } = silence(new World().haste);
  expect(pales).toBe(306_000);
  expect(leaves).toBeGreaterThan(pales);
});

test("a clock driven fast makes no unit silent that could not be heard of yet", () => {
  const world = new World();
  world.takeStats(figures(0), 0);
  for (let second = 1; second <= 5; second++) world.takeStats(figures(second * 60_000), second * 1000);
  expect(world.haste).toBe(60);
  // Far out a frame comes every five seconds: five minutes of such a clock.
  expect(silence(world.haste).pales).toBeGreaterThan(2 * 300_000);
  // The clock stands: after a while silence is what it was.
  for (let second = 6; second <= 60; second++) world.takeStats(figures(300_000), second * 1000);
  expect(world.haste).toBe(1);
});

test("when units leave, the others keep their own data", () => {
  const world = new World();
  const rows = Array.from({ length: 100 }, (_, id) => unit(id, 120 + id / 100, 1));
  world.takeUnits("a", { at: 1, reset: true, rows }, 0);
  world.takeUnits("a", { at: 2, rows: [], gone: [0, 50, 99, 3] }, 1);
  expect(world.fleet.count).toBe(96);
  for (const id of [1, 49, 51, 98]) {
    expect(world.fleet.x[world.fleet.find(id)!]).toBe(mercatorX(120 + id / 100));
  }
});

test("the gravest alert that nobody answers for comes first", () => {
  const answered = { by: "值班员", signer: null, at: 1, note: "" };
  const shown = [
    alert(1, { severity: 4, acknowledged: answered }),
    alert(2, { severity: 2 }),
    alert(3, { severity: 4, state: "cleared", ended_at: 9 }),
    alert(4, { severity: 3 }),
  ].sort(byUrgency);
  expect(shown.map((one) => one.id)).toEqual([4, 2, 1, 3]);
});

test("an alert in which nothing happens does not stay first, and of equals the livelier comes first", () => {
  const shown = [
    alert(1, { severity: 4, last_24h: 0 }),
    alert(2, { severity: 2, last_24h: 1 }),
    alert(3, { severity: 3, last_24h: 2 }),
    alert(4, { severity: 3, last_24h: 6 }),
  ].sort(byUrgency);
  expect(shown.map((one) => one.id)).toEqual([4, 3, 2, 1]);
});
