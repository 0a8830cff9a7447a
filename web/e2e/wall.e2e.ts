import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { audit } from "./driver/axe.ts";
import { launch } from "./driver/browser.ts";
import { Desk } from "./driver/desk.ts";
import { Dump } from "./driver/dump.ts";
import { Server } from "./driver/server.ts";
import { Wall } from "./driver/wall.ts";

const FULL = { width: 1920, height: 1080 };

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

test("the wall loads without a word in the console and asks nobody outside", async () => {
  const wall = await Wall.open(browser, server, { screen: FULL });
  await wall.drawn();
  expect(wall.watch.errors).toEqual([]);
  expect(wall.watch.outside).toEqual([]);
  expect(await wall.badge()).toBe("数据正常");
  expect(await wall.page.title()).toContain("毗邻");
  expect(await audit(wall.page)).toEqual([]);
});

test("a new alert is on the wall soon after the report that raised it", async () => {
  const wall = await Wall.open(browser, server, { screen: FULL });
  await dump.report(4);
  await wall.knows(4);
  expect(await wall.alerts()).toEqual([]);
  const sent = performance.now();
  await dump.report(1, 4);
  await wall.lists(1);
  const took = performance.now() - sent;
  console.log(`seen on the wall ${Math.round(took)} ms after the report was sent`);
  const [alert] = await wall.alerts();
  expect(alert!.reason).toMatch(/^近72小时，吴江区（苏）侧[23]起、嘉善县（浙）侧[23]起“跨界倾倒建筑垃圾”，距省界.+米。$/);
  expect(await wall.clipped()).toEqual([]);
});

test("other rules are in every sentence at once, on the map that was there", async () => {
  const wall = await Wall.open(browser, server);
  await wall.lists(1);
  const canvas = await wall.page.locator("canvas.maplibregl-canvas").elementHandle();
  const { rule } = await server.get("rules");
  const longer = { rule: rule.map((one: any) => ({ ...one, window: "80h" })) };
  await server.send("PUT", "rules", longer);
  await server.tick(1_000);
  await wall.page.locator(".card .reason", { hasText: "近80小时" }).first().waitFor({ timeout: 10_000 });
  expect(await canvas!.evaluate((element) => element.isConnected)).toBe(true);
  await server.send("PUT", "rules", { rule });
  await server.tick(1_000);
  await wall.page.locator(".card .reason", { hasText: "近72小时" }).first().waitFor({ timeout: 10_000 });
});

test("a basemap that did not come is asked for again until it is there", async () => {
  let refused = 0;
  let came = 0;
  const prepare = (page: Page) =>
    page.context().route("**/api/v1/map/*.geojson", (route) =>
      ++refused <= 6 ? route.fulfill({ status: 503, body: "" }) : (came++, route.continue()));
  const wall = await Wall.open(browser, server, { prepare });
  // Each layer is asked for by the map, and those with names by the page too.
  await expect.poll(() => came, { timeout: 30_000 }).toBeGreaterThanOrEqual(7);
  expect(wall.watch.errors.every((error) => /503/.test(error))).toBe(true);
});

test("one click changes every word to English and another back", async () => {
  const wall = await Wall.open(browser, server);
  await wall.lists(1);
  await wall.page.getByRole("button", { name: "Switch to English" }).click();
  const text = await wall.page.locator("body").innerText();
  expect(text).toContain("Border alerts");
  // Only the way back is Chinese.
  const han = text.split("\n").filter((line) => /\p{Script=Han}/u.test(line));
  expect(han.filter((line) => line !== "中文")).toEqual([]);
  expect(await wall.page.evaluate(() => document.documentElement.lang)).toBe("en");
  await wall.page.getByRole("button", { name: "切换为中文" }).click();
  await wall.page.locator("h2", { hasText: "边界聚集预警" }).waitFor();
});

test("alerts of two rules at one place are one card, one sign and one in every figure", async () => {
  await dump.report(7, 5);
  const wall = await Wall.open(browser, server);
  await wall.page.locator(".card .rules span").nth(1).waitFor();
  expect(new Set(await wall.page.locator(".card .rules span").allInnerTexts())).toEqual(new Set(["跨界倾倒建筑垃圾 12起", "跨界倾倒固体废物（合并） 12起"]));
  expect((await server.get("alerts")).alerts).toHaveLength(2);
  expect(await wall.alerts()).toHaveLength(1);
  await wall.page.locator(".sign .count").waitFor();
  expect(await wall.tiles()).toEqual(["1处", "1处"]);
  await wall.close();
  // The desk counts alike.
  const desk = await Desk.open(browser, server);
  await desk.page.locator(".entry").waitFor();
  expect(await desk.inbox()).toHaveLength(1);
  expect(await desk.waiting()).toBe("1处");
});

test("places between the same two counties can be told apart", async () => {
  const near = await server.acrossBorder([120.83, 30.985], 6);
  await server.report(...near.map(([lon, lat]) => ({ matter: "gas-cylinders", lon, lat })));
  const wall = await Wall.open(browser, server);
  await wall.lists(2);
  expect(new Set((await wall.alerts()).map(({ place }) => place)).size).toBe(1);
  const rules = await wall.page.locator(".card .rules").allInnerTexts();
  expect(rules).toHaveLength(2);
  expect(rules.filter((told) => told.includes("非法瓶装液化气"))).toHaveLength(1);
  await wall.page.locator(".sign .count").nth(1).waitFor();
  const [one, other] = await wall.page.locator(".sign .count").evaluateAll((signs) =>
    signs.map((sign) => sign.getBoundingClientRect().toJSON() as DOMRect));
  const apart = one!.right <= other!.left || other!.right <= one!.left || one!.bottom <= other!.top || other!.bottom <= one!.top;
  expect(apart).toBe(true);
  expect(await wall.tiles()).toEqual(["2处", "2处"]);
  expect(await wall.page.locator("canvas").getAttribute("aria-label")).toBe("地图");
});
