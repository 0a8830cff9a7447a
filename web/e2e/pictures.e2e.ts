// Pictures of the pages, to be looked at by people; kept in artifacts/.

import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "./driver/browser.ts";
import { Desk } from "./driver/desk.ts";
import { demonstrate } from "./driver/demonstration.ts";
import { Server } from "./driver/server.ts";
import { Wall } from "./driver/wall.ts";

const FOLDER = resolve(import.meta.dirname, "../../artifacts");
const SIZES = [{ width: 1920, height: 1080 }, { width: 3840, height: 2160 }];

let server: Server;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  server = await Server.start();
  await demonstrate(server);
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test.each(SIZES)("the wall at $width × $height cuts no word off", async (size) => {
  const wall = await Wall.open(browser, server, { screen: size, still: true });
  await wall.lists(3);
  await wall.drawn();
  await wall.page.screenshot({ path: resolve(FOLDER, `wall-${size.height}.png`), timeout: 90_000 });
  expect(await wall.clipped()).toEqual([]);
  await wall.close();
});

test("the desk at 1920 × 1080, an alert open", async () => {
  const desk = await Desk.open(browser, server);
  await desk.page.locator(".entry").first().waitFor();
  await desk.press("ArrowDown");
  await desk.page.locator(".members tr").first().waitFor();
  await desk.page.locator(".map[data-drawn=all]").waitFor({ timeout: 60_000 });
  await desk.page.screenshot({ path: resolve(FOLDER, "desk-1080.png") });
});
