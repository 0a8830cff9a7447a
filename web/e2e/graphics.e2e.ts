// The graphics card is reset, its process crashes, WebGL is refused: the map comes back.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launch } from "./driver/browser.ts";
import { Dump } from "./driver/dump.ts";
import { held } from "./driver/memory.ts";
import { Server } from "./driver/server.ts";
import { Wall } from "./driver/wall.ts";

let server: Server;
let browser: Browser;
let dump: Dump;
/** A wall whose graphics process crashes; the longest wait of all stories runs beside the others. */
let crashing: Browser;
let crashed: Promise<void>;

/** Waits for the map after each of two crashes. */
async function crashTwice(): Promise<void> {
  const wall = await Wall.open(crashing, server, { still: true, path: "/wall?tour=off" });
  const devtools = await crashing.newBrowserCDPSession();
  for (let crash = 0; crash < 2; crash++) {
    const before = await wall.canvas();
    await devtools.send("Browser.crashGpuProcess" as never);
    // After a second crash Chromium refuses WebGL to the site for about two minutes.
    await wall.hasAnotherMapThan(before, 220_000);
    await wall.becomes("live");
  }
}

beforeAll(async () => {
  server = await Server.start();
  dump = await Dump.at(server);
  await dump.alarms();
  [browser, crashing] = await Promise.all([launch(), launch()]);
  crashed = crashTwice();
  // Judged by its own story.
  crashed.catch(() => undefined);
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser?.close();
  await crashing?.close();
  await server?.close();
});

test("the map comes back when the graphics card was reset and gives its context back", async () => {
  const wall = await Wall.open(browser, server);
  const before = await wall.canvas();
  await before.evaluate(async (element) => {
    const canvas = element as HTMLCanvasElement;
    const card = canvas.getContext("webgl2")!.getExtension("WEBGL_lose_context")!;
    const lost = new Promise((done) => canvas.addEventListener("webglcontextlost", done, { once: true }));
    card.loseContext();
    await lost;
    card.restoreContext();
  });
  await wall.hasAnotherMapThan(before);
  expect(wall.watch.errors).toEqual([]);
});

test("the map is made anew, time and again, when its context is taken and never given back, and nothing is left of the old ones", async () => {
  const wall = await Wall.open(browser, server, { path: "/wall?tour=off" });
  const devtools = await wall.page.context().newCDPSession(wall.page);
  await devtools.send("Performance.enable");
  const sizes: number[] = [];
  for (let loss = 0; loss < 3; loss++) {
    const before = await wall.canvas();
    await before.evaluate((element) =>
      (element as HTMLCanvasElement).getContext("webgl2")!.getExtension("WEBGL_lose_context")!.loseContext());
    await wall.hasAnotherMapThan(before);
    await wall.becomes("live");
    await wall.drawn();
    sizes.push((await held(devtools)).bytes);
  }
  expect(wall.watch.errors).toEqual([]);
  // A map that is kept is a quarter of all.
  expect(sizes[2]! / sizes[0]!, sizes.join()).toBeLessThan(1.15);
});

test("a wall without WebGL says that it has no map, shows the rest, and has its map as soon as it can", async () => {
  await dump.alarms();
  const prepare = (page: Page) =>
    page.addInitScript(() => {
      const { getContext } = HTMLCanvasElement.prototype;
      (window as any).refuses = true;
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...asked: any[]) {
        return (window as any).refuses && asked[0] === "webgl2" ? null : (getContext as any).apply(this, asked);
      } as never;
    });
  const wall = await Wall.open(browser, server, { prepare });
  await wall.lists(1);
  expect(await wall.badge()).toBe("地图重建中");
  await wall.page.locator(".badge.late").waitFor();
  expect(await wall.page.locator("canvas.maplibregl-canvas").count()).toBe(0);
  await wall.page.evaluate(() => ((window as any).refuses = false));
  await wall.becomes("live");
  await wall.page.locator(".sign").first().waitFor();
});

test("the map is made anew after the browser's graphics process has crashed twice", { timeout: 600_000 }, async () => {
  await crashed;
});
