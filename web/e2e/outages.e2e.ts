// What a wall goes through in a year: servers that fall and come back, networks that are
// cut, clocks that are set.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launch } from "./driver/browser.ts";
import { Cable, type Cut } from "./driver/cable.ts";
import { Dump, WUJIANG_JIASHAN } from "./driver/dump.ts";
import { Server } from "./driver/server.ts";
import { Wall } from "./driver/wall.ts";

let server: Server;
let browser: Browser;
let dump: Dump;

beforeAll(async () => {
  server = await Server.start();
  dump = await Dump.at(server);
  browser = await launch();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test("the wall says since when there is nothing new, and comes back from a restart by itself", async () => {
  await dump.alarms();
  const wall = await Wall.open(browser, server);
  await wall.lists(1);
  await server.down("SIGKILL");
  await wall.becomes("stopped");
  expect(await wall.badge()).toMatch(/^数据中断，最后更新 \d\d:\d\d:\d\d\s*已中断 \d+ 秒$/);
  expect(await wall.alerts()).toHaveLength(1);
  await server.up();
  await wall.becomes("live");
  await dump.report(3, 5);
  await wall.page.locator(".card .reason", { hasText: "4起、" }).waitFor({ timeout: 5_000 });
  expect(await wall.alerts()).toHaveLength(1);
});

test("a server that comes back with an empty store is shown as it is", async () => {
  const wall = await Wall.open(browser, server);
  await wall.lists(1);
  await server.down("SIGKILL");
  server.forget();
  await server.up();
  await server.tick(0);
  await expect.poll(() => wall.alerts(), { timeout: 45_000 }).toEqual([]);
  await wall.becomes("live");
  // Key figures come once a second, after the page has begun anew.
  await expect.poll(() => wall.figure("today"), { timeout: 10_000 }).toBe("0");
  await dump.report(5);
  await wall.lists(1);
  expect((await wall.alerts())[0]!.reason).toContain("3起、");
});

test.each<Cut>(["reset", "silent"])("the wall comes back when the network does (%s)", async (how) => {
  await dump.alarms();
  const cable = await Cable.lay(server.url);
  try {
    const wall = await Wall.open(browser, server, { url: cable.url });
    await wall.lists(1);
    const { incidents } = await wall.counts();
    cable.sever(how);
    await wall.becomes("stopped");
    // Nothing that happens meanwhile can come through.
    await server.report({ matter: "unlicensed-vending", lon: WUJIANG_JIASHAN[0], lat: WUJIANG_JIASHAN[1] });
    expect((await wall.counts()).incidents).toBe(incidents);
    expect(await wall.alerts()).toHaveLength(1);
    cable.mend();
    await wall.becomes("live");
    await wall.knows(incidents + 1);
  } finally {
    await cable.close();
  }
});

test("a clock that is set back does not show a dead line as live", async () => {
  const cable = await Cable.lay(server.url);
  try {
    const prepare = (page: Page) =>
      page.addInitScript(() => {
        const { now } = Date;
        (window as any).setBack = 0;
        Date.now = () => now() - (window as any).setBack;
      });
    const wall = await Wall.open(browser, server, { prepare, url: cable.url });
    cable.sever("reset");
    await wall.page.evaluate(() => ((window as any).setBack = 1_800_000));
    await wall.becomes("stopped", 30_000);
    cable.mend();
    await wall.becomes("live");
  } finally {
    await cable.close();
  }
});

test("a server of another build is met by a page that begins anew, once", async () => {
  let loads = 0;
  let asked = 0;
  const prepare = async (page: Page) => {
    page.on("load", () => loads++);
    await page.clock.install();
    await page.route("**/api/v1/region", async (route) => {
      const view = await (await route.fetch()).json();
      await route.fulfill({ json: asked++ === 0 ? view : { ...view, build: "another" } });
    });
  };
  const wall = await Wall.open(browser, server, { prepare });
  await server.down("SIGKILL");
  await server.up();
  await expect.poll(() => loads, { timeout: 40_000 }).toBe(2);
  await wall.becomes("live");
  const before = asked;
  await server.down("SIGKILL");
  await server.up();
  // It has heard of the other build once more, and waits an hour before it begins anew again.
  await expect.poll(() => asked, { timeout: 40_000 }).toBeGreaterThan(before);
  await wall.becomes("live");
  await wall.page.clock.fastForward("50:00");
  await wall.becomes("live");
  expect(loads).toBe(2);
});
