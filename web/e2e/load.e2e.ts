// The map under its heaviest load.

import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "./driver/browser.ts";
import { random } from "./driver/random.ts";
import { Server } from "./driver/server.ts";
import { held, withoutRaster } from "./driver/tasks.ts";
import { Wall } from "./driver/wall.ts";

const UNITS = 20_000;
const INCIDENTS = 50_000;
const SECONDS = 20;
const figures: object[] = [];

let server: Server;
let browser: Browser;

beforeAll(async () => {
  server = await Server.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  const folder = resolve(import.meta.dirname, "../../target/bench");
  mkdirSync(folder, { recursive: true });
  writeFileSync(resolve(folder, "pages.json"), JSON.stringify(figures, null, 2));
});

test(`${UNITS} units moving once a second and ${INCIDENTS} incidents hold the main thread for 100 ms at most`, async () => {
  const dice = random(7);
  const { view, matters, jurisdictions } = await server.get("region");
  const [west, south, east, north] = view as [number, number, number, number];
  const inView = () => ({ lon: west + (east - west) * dice(), lat: south + (north - south) * dice() });
  const pick = <T>(from: T[]): T => from[Math.floor(dice() * from.length)]!;
  const agencies = jurisdictions.filter((one: any) => one.level === "county").map((one: any) => one.code);
  const kinds = ["car", "car", "foot", "boat", "drone"];
  const fleet = Array.from({ length: UNITS }, (_, id) => ({
    code: `L-${id}`, name: `L-${id}`, kind: pick(kinds), agency: pick<string>(agencies), ...inView(), course: dice() * 360,
  }));
  for (let at = 0; at < UNITS; at += 5_000) {
    await server.send("POST", "units", fleet.slice(at, at + 5_000).map(({ code, name, kind, agency }) => ({ code, name, kind, agency })));
  }
  // One matter that no rule watches: this is about the map, not about alerts.
  const watched = new Set((await server.get("region")).rules.flatMap((rule: any) => rule.matters));
  const quiet = matters.map((one: any) => one.code).filter((code: string) => !watched.has(code));
  for (let at = 0; at < INCIDENTS; at += 5_000) {
    const severity = () => 1 + Math.floor(dice() * 4);
    await server.report(...Array.from({ length: 5_000 }, () => ({ matter: pick<string>(quiet), severity: severity(), ...inView() })));
  }
  const move = async () => {
    await server.tick(1_000);
    const at = new Date(server.now).toISOString();
    for (const unit of fleet) {
      unit.lon += Math.sin((unit.course * Math.PI) / 180) * 1.3e-4;
      unit.lat += Math.cos((unit.course * Math.PI) / 180) * 1.1e-4;
    }
    await server.send("POST", "positions", fleet.map(({ code, lon, lat, course }) => ({
      unit: code, lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)), at, speed_mps: 12, course_deg: Math.round(course),
    })));
  };
  await move();
  const wall = await Wall.open(browser, server, { screen: { width: 1920, height: 1080 }, prepare: withoutRaster });
  const onMap = () => wall.page.evaluate(() => (window as any).pilin.counts());
  await expect.poll(onMap, { timeout: 60_000, interval: 500 }).toMatchObject({ units: UNITS, incidents: INCIDENTS });
  const moves = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      const next = performance.now() + 1_000;
      await move();
      await new Promise((done) => setTimeout(done, Math.max(0, next - performance.now())));
    }
  };
  await moves(5);
  const { wall_ms, thread_ms, busy } = await held(browser, wall.page, () => moves(SECONDS));
  const what = `page: longest task of the main thread, ${UNITS} units at 1 Hz and ${INCIDENTS} incidents`;
  figures.push(
    { what: `${what} (its own time)`, figure: Math.round(thread_ms), unit: "ms", goal: "≤ 100" },
    { what: `${what} (by the wall's clock)`, figure: Math.round(wall_ms), unit: "ms" },
    { what: "page: main thread busy", figure: Math.round(busy * 100), unit: "%" },
  );
  console.log(figures);
  expect(thread_ms).toBeGreaterThan(0);
  expect(thread_ms).toBeLessThan(100);
  await wall.close();
});
