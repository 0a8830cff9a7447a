import { expect, test } from "vitest";
import { alert, incident, unit } from "./samples";
import { World } from "./world";

/** What is held after everything unreachable is gone; the greatest of a few looks. */
function held(run: () => void): number {
  let most = 0;
  for (let look = 0; look < 8; look++) {
    run();
    (globalThis as { gc?: () => void }).gc!();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    most = Math.max(most, heapUsed + arrayBuffers);
  }
  return most;
}

test("after 200,000 deltas the mirror holds what it held before, within a tenth", { timeout: 120_000 }, () => {
  const world = new World();
  let n = 0;
  const step = () => {
    const at = ++n * 1000;
    switch (n % 4) {
      case 0:
        world.takeIncidents({ at, rows: [incident(n, at), incident(n + 1, at)] });
        break;
      case 1:
        world.takeUnits(`units:${n % 7}`, { at, rows: [unit(n % 2000, 120, at)], gone: [n % 1999] }, at);
        break;
      case 2:
        world.takeAlerts({
          at,
          changes: [
            { step: "raised", alert: alert(n), others: [] },
            { step: "cleared", alert: alert(n - 40, { state: "cleared", ended_at: at }), others: [] },
          ],
        });
        break;
      default:
        world.takeStats({
          at,
          day_start: 0,
          stored_ago_ms: 0,
          clock_doubted: false,
          rules: "",
          incidents_today: n,
          by_jurisdiction: { "310000": n },
          by_matter: { [`matter-${n % 30}`]: n },
          incidents_live: n,
          units_on_duty: n,
          units_by_jurisdiction: {},
          alerts_open: 1,
          alerts_unacknowledged: 1,
          oldest_unacknowledged: null,
          provenance: [],
        }, at);
    }
    if (n % 60 === 0) world.expire(6 * 3600 * 1000);
  };
  const steps = (count: number) => () => {
    for (let i = 0; i < count; i++) step();
  };

  // Two days and more: the window is full, and the tables behind it have their size.
  steps(200_000)();
  const before = held(steps(2500));
  steps(200_000)();
  const after = held(steps(2500));

  expect(after / before).toBeLessThan(1.1);
  expect(world.incidents.count).toBeGreaterThan(40_000);
});
