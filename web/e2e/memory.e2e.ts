// A wall stands for weeks: what it holds must not grow with what it has seen.

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "./driver/browser.ts";
import { held } from "./driver/memory.ts";
import { random } from "./driver/random.ts";
import { Server } from "./driver/server.ts";
import { withoutRaster } from "./driver/tasks.ts";
import { Wall } from "./driver/wall.ts";

const DELTAS = 200_000;
/** Twenty batches fill the live window with 20,000 incidents. */
const BATCH = 1_000;
const WINDOW = 20;
/** After so many batches the page is waited for. */
const BREATH = 10;
const UNITS = 200;

let server: Server;
let browser: Browser;
/** Places on the border where something gathers now and then, and clears. */
let gatherings: [number, number][][];

beforeAll(async () => {
  server = await Server.start();
  const places: [number, number][] = [[120.8, 30.985], [121.01, 30.9], [121.13, 31.27], [120.63, 30.86], [121.03, 30.75]];
  gatherings = [];
  for (const place of places) gatherings.push(await server.acrossBorder(place, 8));
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test(`after ${DELTAS} deltas the wall holds what it held before, within a tenth`, async () => {
  const dice = random(11);
  const { view, matters, rules, jurisdictions, window_ms } = await server.get("region");
  const [west, south, east, north] = view as [number, number, number, number];
  const inView = () => ({ lon: west + (east - west) * dice(), lat: south + (north - south) * dice() });
  const watched = new Set(rules.flatMap((rule: any) => rule.matters));
  const quiet = matters.map((one: any) => one.code).filter((code: string) => !watched.has(code));
  const agencies = jurisdictions.filter((one: any) => one.level === "county").map((one: any) => one.code);
  const codes = Array.from({ length: UNITS }, (_, at) => `M-${at}`);
  await server.send("POST", "units", codes.map((code, at) => ({ code, name: code, kind: "car", agency: agencies[at % agencies.length] })));

  let batches = 0;
  let raised = 0;
  const batch = async () => {
    await server.tick(window_ms / WINDOW);
    const reports = Array.from({ length: BATCH }, () => ({ matter: quiet[Math.floor(dice() * quiet.length)], ...inView() }));
    await server.report(...reports);
    // Each place gathers reports every other window: an alert is raised, fades and clears.
    if (batches++ % 8 === 0) {
      const points = gatherings[(batches >> 3) % gatherings.length]!;
      await server.report(...points.map(([lon, lat]) => ({ matter: "spoil-dumping", lon, lat })));
      raised++;
    }
    const at = new Date(server.now).toISOString();
    await server.send("POST", "positions", codes.map((unit) => ({ unit, ...inView(), at, course_deg: Math.floor(360 * dice()) })));
  };

  // The tour looks at another place each time, whose map is another size; the wall that
  // stands still holds the same map all along.
  const wall = await Wall.open(browser, server, { screen: { width: 1920, height: 1080 }, prepare: withoutRaster, path: "/wall?tour=off" });
  const counts = () => wall.page.evaluate(() => (window as any).pilin.counts());
  const caughtUp = () => expect.poll(async () => (await counts()).told, { timeout: 30_000, interval: 100 }).toBe(server.now);
  const run = async (times: number) => {
    for (let at = 1; at <= times; at++) {
      await batch();
      if (at % BREATH === 0 || at === times) await caughtUp();
    }
  };
  const cdp = await wall.page.context().newCDPSession(wall.page);
  await cdp.send("Performance.enable");
  /** The greatest of a few looks. */
  const looks = async () => {
    let most = { bytes: 0, nodes: 0 };
    for (let look = 0; look < 5; look++) {
      await run(2);
      const now = await held(cdp);
      most = { bytes: Math.max(most.bytes, now.bytes), nodes: Math.max(most.nodes, now.nodes) };
    }
    return most;
  };

  // The window is full, and its oldest leave.
  await run(WINDOW + BREATH);
  const before = await looks();
  const seen = (await counts()).deltas;
  const alertsBefore = raised;
  while ((await counts()).deltas - seen < DELTAS) await run(BREATH);
  const after = await looks();

  console.log({ before, after, growth: after.bytes / before.bytes, ...(await counts()) });
  expect(raised - alertsBefore).toBeGreaterThan(10);
  expect((await server.get("alerts?state=ended")).alerts.length).toBeGreaterThan(10);
  expect(after.bytes / before.bytes).toBeLessThan(1.1);
  expect(after.nodes / before.nodes).toBeLessThan(1.1);
  expect(wall.watch.errors).toEqual([]);
});
