import { signal } from "@preact/signals";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AlertChange, AlertView } from "../contract/openapi";
import type { Live } from "../core/live";
import { alert } from "../core/samples";
import { situations } from "../core/situations";
import { Guide } from "./guide";

const region = { view: [120, 30, 122, 32], zones: [] };
let alerts: Map<number, AlertView>;
let changes: ReturnType<typeof signal<readonly AlertChange[]>>;
let live: Live;
let visits: number;
let guides: Guide[];
let chart: ConstructorParameters<typeof Guide>[1];

function guide(touring = true): Guide {
  const one = new Guide(live, chart, touring);
  guides.push(one);
  return one;
}

/** The server raises these alerts at once. */
function raise(...raised: AlertView[]): void {
  for (const one of raised) alerts.set(one.id, one);
  changes.value = raised.map((one) => ({ step: "raised", alert: one, others: [] }));
}

const sees = (one: Guide) => one.stop.value?.key;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("matchMedia", () => ({ matches: false }));
  [alerts, visits, guides] = [new Map(), 0, []];
  chart = {
    visit: (_bounds, ms, _closest, there) => {
      visits++;
      setTimeout(there!, ms);
    },
  };
  changes = signal<readonly AlertChange[]>([]);
  const places = { peek: () => situations([...alerts.values()]) };
  live = { changes, situations: places, region: { peek: () => ({ view: region }) } } as unknown as Live;
});
afterEach(() => {
  for (const one of guides) one.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("new alerts are shown one after another, the gravest first, each long enough to be read", () => {
  const one = guide();
  raise(alert(1, { severity: 2 }), alert(2, { severity: 4 }), alert(3, { severity: 3 }));
  const seen: string[] = [];
  for (let at = 0; at < 30; at++) {
    vi.advanceTimersByTime(1_000);
    if (sees(one) !== seen.at(-1)) seen.push(sees(one)!);
    // A late one does not push in front of what is being read.
    if (at === 3) raise(alert(4, { severity: 1 }));
  }
  expect(seen).toEqual(["home", "alert 2", "alert 3", "alert 1", "alert 4"]);
});

test("a new alert that has ended before its turn has none", () => {
  const one = guide();
  raise(alert(1, { severity: 4 }), alert(2, { severity: 2 }));
  vi.advanceTimersByTime(2_000);
  alerts.set(2, alert(2, { state: "cleared", ended_at: 1 }));
  vi.advanceTimersByTime(10_000);
  expect(sees(one)).not.toBe("alert 2");
});

test("several rules' alerts at one place are one look, at the alert that stands for all", () => {
  const one = guide();
  const hull: AlertView["hull"] = [[120.8, 31], [120.804, 31], [120.804, 31.004]];
  raise(alert(1, { hull, rule: "spoil", severity: 2 }), alert(2, { hull, rule: "waste", severity: 3 }));
  const seen = new Set<string>();
  for (let at = 0; at < 240; at++) {
    vi.advanceTimersByTime(1_000);
    seen.add(sees(one)!);
  }
  expect([...seen].sort()).toEqual(["alert 2", "home"]);
});

test("a place whose gravest alert is another by its turn is shown once all the same", () => {
  const one = guide();
  const hull: AlertView["hull"] = [[120.8, 31], [120.804, 31], [120.804, 31.004]];
  raise(alert(1, { severity: 4 }), alert(2, { hull, rule: "spoil", severity: 2 }));
  vi.advanceTimersByTime(2_000);
  expect(sees(one)).toBe("alert 1");
  // Not new, so that it does not call by itself.
  alerts.set(3, alert(3, { hull, rule: "waste", severity: 3 }));
  const [seen, before] = [new Set<string>(), visits];
  for (let at = 0; at < 60; at++) {
    vi.advanceTimersByTime(1_000);
    seen.add(sees(one)!);
  }
  expect(seen).toContain("alert 3");
  expect(visits - before).toBeLessThan(5);
});

test("a guide that comes later does not go to what was raised before", () => {
  raise(alert(1));
  const one = guide();
  vi.advanceTimersByTime(5_000);
  expect(sees(one)).toBe("home");
});

test("a guide that was closed moves nothing any more", () => {
  const one = guide();
  raise(alert(1));
  one.close();
  const before = visits;
  raise(alert(2));
  vi.advanceTimersByTime(600_000);
  expect(visits).toBe(before);
});

test("one tour runs, however many new alerts come while it is under way", () => {
  const one = guide();
  for (let id = 1; id < 40; id++) {
    raise(alert(id));
    vi.advanceTimersByTime(500);
  }
  // From now on nothing is new: between two moves lies a whole look.
  vi.advanceTimersByTime(200_000);
  const before = visits;
  vi.advanceTimersByTime(60_000);
  expect(visits - before).toBeLessThanOrEqual(4);
  expect(one.stop.value).not.toBeNull();
});

test("without a tour the wall keeps looking at the whole", () => {
  const one = guide(false);
  raise(alert(1));
  vi.advanceTimersByTime(600_000);
  expect([sees(one), visits]).toEqual(["home", 1]);
});

test("a slow map is waited for before the look counts, but not for ever", () => {
  let loads = 15_000;
  chart = { visit: (_bounds, ms, _closest, there) => void setTimeout(there!, ms + loads) };
  const one = guide();
  raise(alert(1));
  vi.advanceTimersByTime(2_000);
  expect(sees(one)).toBe("alert 1");
  raise(alert(2));
  // The way, the tiles, and time to read it.
  vi.advanceTimersByTime(2_600 + loads + 2_500);
  expect(sees(one)).toBe("alert 1");
  loads = 1e9;
  vi.advanceTimersByTime(1_500);
  expect(sees(one)).toBe("alert 2");
  vi.advanceTimersByTime(60_000);
  expect(sees(one)).toBe("alert 1");
});
