import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "./driver/axe.ts";
import { launch } from "./driver/browser.ts";
import { Desk } from "./driver/desk.ts";
import { Server } from "./driver/server.ts";

const FENGJING: [number, number] = [121.0, 30.9];
const WUJIANG_JIASHAN: [number, number] = [120.8, 30.98];

let server: Server;
let browser: Browser;
let desk: Desk;

beforeAll(async () => {
  server = await Server.start();
  for (const [near, matter, count] of [[FENGJING, "unlicensed-vending", 7], [WUJIANG_JIASHAN, "spoil-dumping", 6]] as const) {
    const points = await server.acrossBorder([...near], count);
    await server.report(...points.map(([lon, lat]) => ({ matter, lon, lat })));
  }
  const [lon, lat] = (await server.acrossBorder(WUJIANG_JIASHAN, 1))[0]!;
  await server.send("POST", "units", [
    { code: "WJ-1", name: "吴江一队", kind: "car", agency: "320509" },
    { code: "JS-1", name: "嘉善一队", kind: "foot", agency: "330421" },
  ]);
  const at = new Date(server.now - 2_000).toISOString();
  await server.send("POST", "positions", [
    { unit: "WJ-1", lon: lon + 0.01, lat, at, speed_mps: 8, course_deg: 270 },
    { unit: "JS-1", lon: lon - 0.02, lat, at },
  ]);
  browser = await launch();
  desk = await Desk.open(browser, server);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

test("the inbox lists every alert, the gravest first, without a word in the console", async () => {
  await desk.page.locator(".entry").nth(1).waitFor();
  expect(await desk.inbox()).toHaveLength(2);
  expect(await desk.page.locator(".entry .grade").first().innerText()).toBe("特别重大");
  expect(desk.watch.errors).toEqual([]);
  expect(desk.watch.outside).toEqual([]);
});

test("by keyboard alone an alert is opened, understood and answered for", async () => {
  await desk.press("ArrowDown");
  await desk.detail.waitFor();
  await desk.page.locator(".members tr").nth(5).waitFor();
  await desk.page.locator(".history li", { hasText: "发出" }).first().waitFor();
  await desk.page.locator(".near", { hasText: "吴江一队" }).waitFor();
  expect(await desk.page.locator(".near li li").allInnerTexts()).toHaveLength(2);
  // No name yet: A asks for it.
  await desk.press("a");
  await desk.page.locator(".answer input:focus").waitFor();
  await desk.page.keyboard.type("陈卫东");
  await desk.press("Enter");
  await desk.page.locator(".acknowledged", { hasText: "陈卫东 已签收" }).waitFor({ timeout: 15_000 });
  await desk.page.locator(".history li", { hasText: "签收" }).waitFor();
  // The focus stays with the alert, so that the arrows go on from here.
  expect(await desk.page.evaluate(() => document.activeElement!.className)).toContain("entry chosen");
  // From now on two keys are enough.
  await desk.press("Escape", "ArrowDown", "a");
  await desk.page.locator(".acknowledged").waitFor({ timeout: 15_000 });
  const { alerts } = await server.get("alerts");
  expect(alerts.map((alert: any) => alert.acknowledged?.by)).toEqual(["陈卫东", "陈卫东"]);
});

test("filters leave only what is asked for", async () => {
  await desk.press("Escape");
  const { rules } = await server.get("region");
  const watched = new Set(rules.flatMap((rule: any) => rule.matters));
  expect(await desk.page.getByLabel("事项", { exact: true }).locator("option").count()).toBe(watched.size + 1);
  await desk.choose("辖区", "上海市");
  expect(await desk.inbox()).toHaveLength(1);
  await desk.choose("状态", "已结束");
  await desk.page.getByText("没有符合条件的预警").waitFor();
  await desk.page.getByRole("button", { name: "清除筛选" }).click();
  expect(await desk.inbox()).toHaveLength(2);
});

test("the key tells every shape, and stays folded once it was", async () => {
  const key = desk.page.locator(".key");
  const { classes } = await server.get("region");
  expect(await key.locator(".glyph").count()).toBe(4 + 4 + classes.length);
  for (const name of ["市容环境", "跨界执法协作"]) await key.getByText(name, { exact: true }).waitFor();
  await key.getByText("图例").click();
  // The browser tells of it a moment after.
  await desk.page.waitForFunction(() => localStorage.getItem("pilin.key") === "folded");
  await desk.page.reload();
  await key.getByText("图例").waitFor();
  expect(await key.locator(".legend").isVisible()).toBe(false);
  await key.getByText("图例").click();
  await key.locator(".legend").waitFor();
  await desk.page.locator(".entry").nth(1).waitFor();
});

test("nothing stands in the way of a screen reader or the keyboard", async () => {
  await desk.press("ArrowDown");
  await desk.detail.waitFor();
  expect(await audit(desk.page)).toEqual([]);
  // Everything that can be worked can be reached.
  const reached = new Set<string>();
  await desk.page.evaluate(() => (document.activeElement as HTMLElement).blur());
  for (let at = 0; at < 40; at++) {
    await desk.press("Tab");
    reached.add(await desk.page.evaluate(() => {
      const here = document.activeElement!;
      return here.tagName === "SELECT" ? "filter" : here.className.split(" ")[0] || here.tagName;
    }));
  }
  expect([...reached]).toEqual(expect.arrayContaining(["filter", "entry", "plain", "A"]));
});
