// A wall stands for thirty days: its graphics process crashes, its network is cut, it
// sleeps, its server is restarted. At the end it is alive, current, and as large as it was.
//
// SOAK_DAYS says for how many days; without it the story is a short one. The server's
// clock is driven, so that a day takes some seconds; the page's own clock is left alone:
// what it does once in so many seconds it does as often as in earnest, and what it holds
// depends on what it is told.

import type { Browser, CDPSession } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, sleep } from "./driver/browser.ts";
import { Cable } from "./driver/cable.ts";
import { held } from "./driver/memory.ts";
import { random } from "./driver/random.ts";
import { Server } from "./driver/server.ts";
import { withoutRaster } from "./driver/tasks.ts";
import { Wall } from "./driver/wall.ts";

const DAYS = Number(process.env["SOAK_DAYS"] ?? 2);
const HOUR = 3_600_000;
/** Hours the server's clock goes on at once. */
const STEP_H = 2;
const REPORTS = 200;
const UNITS = 100;
/** A page that was given back nothing for so long has lost something for good, ms. */
const PATIENCE_MS = 240_000;

let server: Server;
let browser: Browser;
let cable: Cable;

beforeAll(async () => {
  server = await Server.start();
  // Chromium gives WebGL up for good after three crashes within an hour, which are weeks here.
  browser = await launch(["--disable-gpu-process-crash-limit"]);
  cable = await Cable.lay(server.url);
});
afterAll(async () => {
  await browser?.close();
  await cable?.close();
  await server?.close();
});

/** What befalls a wall, in turn. */
type Mishap = "graphics" | "network" | "silence" | "restart" | "kill" | "context" | "sleep";
const MISHAPS: readonly Mishap[] = ["graphics", "network", "restart", "context", "sleep", "silence", "kill"];
/** How long the machine sleeps: longer than data may be old, ms. */
const SLEEP_MS = 20_000;

test(`a wall stands for ${DAYS} days`, { timeout: 120_000 + DAYS * 300_000 }, async () => {
  const dice = random(30);
  const { view, matters, jurisdictions } = await server.get("region");
  const [west, south, east, north] = view as [number, number, number, number];
  const inView = () => ({ lon: west + (east - west) * dice(), lat: south + (north - south) * dice() });
  const border = await server.acrossBorder([120.8, 30.985], 8);
  const agencies = jurisdictions.filter((one: any) => one.level === "county").map((one: any) => one.code);
  const codes = Array.from({ length: UNITS }, (_, at) => `S-${at}`);
  await server.send("POST", "units", codes.map((code, at) => ({ code, name: code, kind: "car", agency: agencies[at % agencies.length] })));

  const pass = async (steps: number) => {
    for (let step = 0; step < steps; step++) {
      await server.tick(STEP_H * HOUR);
      await server.report(...Array.from({ length: REPORTS }, () => ({ matter: matters[Math.floor(dice() * matters.length)].code, ...inView() })));
      if (step % 6 === 0) await server.report(...border.map(([lon, lat]) => ({ matter: "spoil-dumping", lon, lat })));
      const at = new Date(server.now).toISOString();
      await server.send("POST", "positions", codes.map((unit) => ({ unit, ...inView(), at, course_deg: Math.floor(360 * dice()) })));
    }
  };
  // The window of 72 hours is full before anything is measured.
  await pass(48 / STEP_H);
  const wall = await Wall.open(browser, server, { screen: { width: 1920, height: 1080 }, prepare: withoutRaster, path: "/wall?tour=off", url: cable.url });
  const devtools = await browser.newBrowserCDPSession();
  const page: CDPSession = await wall.page.context().newCDPSession(wall.page);
  await page.send("Performance.enable");
  const isCurrent = async () => {
    await wall.becomes("live", PATIENCE_MS);
    await expect.poll(async () => (await wall.counts()).told, { timeout: PATIENCE_MS, interval: 200 }).toBe(server.now);
    await wall.page.locator("canvas.maplibregl-canvas").waitFor({ timeout: PATIENCE_MS });
  };
  const befall = async (mishap: Mishap) => {
    switch (mishap) {
      case "graphics": {
        const before = await wall.canvas();
        await devtools.send("Browser.crashGpuProcess" as never);
        return wall.hasAnotherMapThan(before, PATIENCE_MS);
      }
      case "context": {
        const before = await wall.canvas();
        await before.evaluate((canvas) => (canvas as HTMLCanvasElement).getContext("webgl2")!.getExtension("WEBGL_lose_context")!.loseContext());
        return wall.hasAnotherMapThan(before, PATIENCE_MS);
      }
      case "network":
      case "silence":
        cable.sever(mishap === "network" ? "reset" : "silent");
        await wall.becomes("stopped", PATIENCE_MS);
        await pass(1);
        return cable.mend();
      case "restart":
      case "kill":
        await server.down(mishap === "kill" ? "SIGKILL" : "SIGTERM");
        return server.up();
      case "sleep":
        return sleep(SLEEP_MS);
    }
  };
  const begun = performance.now();
  let days = 0;
  const day = async (mishap: Mishap) => {
    const morning = performance.now();
    await pass(12 / STEP_H);
    await befall(mishap);
    await pass(12 / STEP_H);
    await isCurrent();
    const now = performance.now();
    console.log(`day ${++days}, ${mishap}: ${Math.round((now - morning) / 1000)} s, ${Math.round((now - begun) / 1000)} s in all`);
  };

  // One round of every mishap comes first: what is made once is made by then.
  const warm = Math.min(DAYS, MISHAPS.length);
  for (let at = 0; at < warm; at++) await day(MISHAPS[at]!);
  const before = await held(page);
  for (let at = warm; at < DAYS + warm; at++) await day(MISHAPS[at % MISHAPS.length]!);
  const after = await held(page);
  // What is said while the server or the network is away is no fault.
  expect(wall.watch.errors.filter((error) => !/WebSocket|ERR_|Failed to load resource|CONTEXT_LOST/.test(error))).toEqual([]);
  console.log({ days: DAYS, before, after, growth: after.bytes / before.bytes, ...(await wall.counts()) });
  expect(await wall.page.locator("canvas").count()).toBe(1);
  expect(await wall.page.locator(".sign").count()).toBeLessThanOrEqual((await wall.counts()).alerts);
  // A story of a few days ends before everything has its size.
  if (DAYS < 2 * MISHAPS.length) return;
  expect(after.bytes / before.bytes).toBeLessThan(1.1);
  expect(after.nodes / before.nodes).toBeLessThan(1.1);
});
