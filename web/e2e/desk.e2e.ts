import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "./driver/axe.ts";
import { launch } from "./driver/browser.ts";
import { Desk } from "./driver/desk.ts";
import { Server } from "./driver/server.ts";

const FENGJING: [number, number] = [121.0, 30.9];
const WUJIANG_JIASHAN: [number, number] = [120.8, 30.98];
const GAS: [number, number] = [121.12, 30.78];
const DUMP: [number, number] = [120.63, 30.86];

/** How many tones the page has played; it counts from its load on. */
const tones = (page: Page) => page.evaluate(() => (window as unknown as { tones: number }).tones);

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

/** What stands in the store: by whom each alert is acknowledged, by its rule. */
async function signatures(): Promise<Record<string, string | undefined>> {
  const { alerts } = await server.get("alerts");
  return Object.fromEntries(alerts.map((alert: any) => [alert.rule, alert.acknowledged?.by]));
}

test("the inbox lists every alert, the gravest first, without a word in the console", async () => {
  await desk.page.locator(".entry").nth(1).waitFor();
  expect(await desk.inbox()).toHaveLength(2);
  expect(await desk.page.locator(".entry .grade").allInnerTexts()).toEqual(["二级（橙）", "三级（黄）"]);
  expect(desk.watch.errors).toEqual([]);
  expect(desk.watch.outside).toEqual([]);
});

test("by keyboard alone an alert is opened, understood and signed, and the next that waits is opened", async () => {
  await desk.press("ArrowDown");
  await desk.detail.waitFor();
  await desk.page.locator(".members tr").nth(5).waitFor();
  await desk.page.locator(".history li", { hasText: "发布" }).first().waitFor();
  await desk.page.locator(".near", { hasText: "吴江一队" }).waitFor();
  expect(await desk.page.locator(".near li li").allInnerTexts()).toHaveLength(2);
  // A opens the form and signs nothing; no name yet: it is asked for.
  await desk.press("a");
  await desk.page.locator(".answer input:focus").waitFor();
  await desk.page.keyboard.type("陈卫东");
  await desk.press("Enter");
  await desk.page.locator(".answer textarea:focus").waitFor();
  await desk.page.keyboard.type("已电嘉善");
  expect(await signatures()).toEqual({});
  await desk.press("Control+Enter");
  await desk.page.locator(".taken", { hasText: "已签收" }).waitFor({ timeout: 15_000 });
  expect(await signatures()).toEqual({ "spoil-dumping": "陈卫东" });
  // The other one is open now, and the keyboard is there.
  await desk.page.locator(".entry.chosen:focus", { hasText: "三级（黄）" }).waitFor();
  await desk.press("a");
  await desk.page.locator(".answer textarea:focus").waitFor();
  await desk.press("Control+Enter");
  await desk.page.locator(".acknowledged", { hasText: "陈卫东 已签收" }).waitFor({ timeout: 15_000 });
  await desk.page.locator(".history li", { hasText: "签收" }).waitFor();
  expect(await signatures()).toEqual({ "spoil-dumping": "陈卫东", "unlicensed-vending": "陈卫东" });
});

test("a signature is taken back for half a minute, and its history says so", async () => {
  await desk.page.getByRole("button", { name: "撤回" }).press("Enter");
  await desk.page.locator(".answer").waitFor();
  await expect.poll(signatures).toEqual({ "spoil-dumping": "陈卫东" });
  await desk.page.locator(".history li", { hasText: "撤回签收" }).waitFor();
  await desk.press("a", "Control+Enter");
  await desk.page.locator(".taken").waitFor({ timeout: 15_000 });
  await server.tick(31_000);
  await desk.page.locator(".taken").waitFor({ state: "detached" });
  const { alerts } = await server.get("alerts");
  await expect(server.send("DELETE", `alerts/${alerts[0].id}/acknowledge`, undefined)).rejects.toThrow("409");
});

test("an alert has an address that survives a reload", async () => {
  const hash = await desk.page.evaluate(() => location.hash);
  expect(hash).toMatch(/^#alert=\d+$/);
  const title = await desk.detail.locator("h2").innerText();
  await desk.page.reload();
  await desk.detail.waitFor();
  expect(await desk.detail.locator("h2").innerText()).toBe(title);
  await desk.press("Escape");
  await desk.detail.waitFor({ state: "detached" });
  // The address follows a moment after.
  await expect.poll(() => desk.page.evaluate(() => location.hash)).toBe("");
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

test("single letters do nothing once they are switched off", async () => {
  await desk.page.getByText("设置").click();
  await desk.page.getByLabel("启用单键快捷键").uncheck();
  await desk.page.getByText("设置").click();
  await desk.press("ArrowDown");
  await desk.detail.waitFor();
  await server.report(...(await server.acrossBorder(GAS, 6)).map(([lon, lat]) => ({ matter: "gas-cylinders", lon, lat })));
  await desk.page.locator(".strip").click();
  await desk.page.locator(".answer").waitFor();
  await desk.press("a");
  expect(await desk.page.locator(".answer :focus").count()).toBe(0);
  await desk.page.getByText("设置").click();
  await desk.page.getByLabel("启用单键快捷键").check();
  await desk.page.getByText("设置").click();
  await desk.press("a");
  await desk.page.locator(".answer textarea:focus").waitFor();
  await desk.press("Escape", "Escape");
});

test("a new alert is marked, counted, said and heard until it is opened", async () => {
  const { page } = desk;
  expect(await page.title()).toBe("毗邻 · 值班台");
  expect(await page.locator(".entry mark").count()).toBe(0);
  const begin = page.getByRole("button", { name: "开始值守" });
  await begin.getByText("声音关").waitFor();
  expect(await tones(page)).toBe(0);
  await begin.click();
  await page.getByRole("button", { name: "值守中" }).getByText("声音开").waitFor();
  await server.report(...(await server.acrossBorder(DUMP, 10)).map(([lon, lat]) => ({ matter: "spoil-dumping", lon, lat })));
  await page.locator(".strip", { hasText: "新预警 1 处" }).waitFor();
  await page.waitForFunction(() => document.title.startsWith("(1) "));
  await page.locator(".unseen[role=status]", { hasText: "新预警" }).waitFor({ state: "attached" });
  await expect.poll(() => tones(page)).toBeGreaterThan(0);
  expect(await page.locator(".entry mark").count()).toBe(1);
  // Two rules see the same heap: it is one row.
  const row = page.locator(".entry", { has: page.locator("mark") });
  await row.locator(".chip-text").nth(1).waitFor();
  await page.locator(".strip").click();
  await page.locator(".strip").waitFor({ state: "detached" });
  await page.waitForFunction(() => !document.title.startsWith("("));
  await page.reload();
  await page.locator(".desk.live").waitFor();
  await page.locator(".entry").nth(3).waitFor();
  expect(await page.locator(".entry mark").count()).toBe(0);
});

test("the map is worked by keys and buttons, and says how far is how far", async () => {
  const { page } = desk;
  const scale = page.locator(".scale");
  const says = () => scale.innerText();
  await desk.press("ArrowDown");
  await desk.detail.waitFor();
  await page.locator(".map[data-drawn=all]").waitFor({ timeout: 60_000 });
  const near = await says();
  expect(near).toMatch(/^[125]00米$/);
  await desk.press("h");
  await expect.poll(says).toMatch(/^(5|10|20)公里$/);
  await page.locator(".map[data-drawn=all]").waitFor({ timeout: 60_000 });
  const home = await says();
  await page.getByRole("button", { name: "放大" }).press("Enter");
  await expect.poll(says).not.toBe(home);
  await page.getByRole("button", { name: "返回初始视图" }).press("Enter");
  await expect.poll(says).toBe(home);
  await page.getByRole("button", { name: "显示全部预警" }).press("Enter");
  await expect.poll(says).not.toBe(home);
  expect(await page.getByRole("group", { name: "地图操作" }).getByRole("button").count()).toBe(4);
  await desk.press("Escape");
});

test("what waits too long says so", async () => {
  await server.tick(6 * 60_000);
  await desk.page.locator(".entry .late", { hasText: "催签" }).first().waitFor();
  await server.tick(10 * 60_000);
  await desk.page.locator(".entry .late", { hasText: "超时" }).first().waitFor();
});

test("one signature signs every alert of a place", async () => {
  const row = desk.page.locator(".entry", { has: desk.page.locator(".chip-text").nth(1) });
  await row.click();
  await desk.page.getByRole("button", { name: "签收（同一处2条预警）" }).click();
  await expect.poll(async () => {
    const { alerts } = await server.get("alerts?state=unacknowledged");
    return alerts.map((alert: any) => alert.rule);
  }, { timeout: 15_000 }).toEqual(["gas-cylinders"]);
  await row.getByText("陈卫东").waitFor();
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

test("who takes no part in an alert has no button, and does not look at it first", async () => {
  const apart = await Server.start();
  try {
    const points = await apart.acrossBorder(WUJIANG_JIASHAN, 6);
    await apart.report(...points.map(([lon, lat]) => ({ matter: "spoil-dumping", lon, lat })));
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "zh-CN" });
    const page = await context.newPage();
    await page.goto(`${apart.url}/sign-in`);
    const key = new URL(apart.setUp).searchParams.get("key");
    const send = (path: string, body: unknown) =>
      page.evaluate(async ([path, body]) => {
        const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
        const answer = await fetch(`/api/v1/${path}`, init);
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      }, [path, body] as const);
    const password = "Delta-2026-x";
    await send("setup", { key, name: "root", agency: "310000", password });
    await send("accounts", { name: "li", display: "李伟", agency: "310118", role: "officer", password });
    await send("session", { name: "li", password });
    // Who is given a password chooses another one first.
    await send("session/password", { old: password, new: "Chuansha-ferry-2027" });
    await page.goto(`${apart.url}/desk`);
    await page.getByText("没有符合条件的预警").waitFor({ timeout: 60_000 });
    expect(await page.locator(".strip").count()).toBe(0);
    await page.getByRole("group", { name: "范围" }).getByRole("button", { name: "全部" }).click();
    const entry = page.locator(".entry", { hasText: "非本辖区，仅供知悉" });
    await entry.click();
    await page.locator(".informed", { hasText: "非本辖区，仅供知悉" }).waitFor();
    expect(await page.locator(".answer").count()).toBe(0);
    await context.close();
  } finally {
    await apart.close();
  }
}, 300_000);

test("older reports of a large alert come on request, and stay when it changes", async () => {
  const apart = await Server.start();
  try {
    const [here, there] = await apart.acrossBorder(WUJIANG_JIASHAN, 2);
    const at = (count: number) =>
      Array.from({ length: count }, (_, nth) => (nth % 2 ? here! : there!)).map(([lon, lat]) => ({ matter: "spoil-dumping", lon, lat }));
    await apart.report(...at(1_040));
    const page = (await Desk.open(browser, apart)).page;
    await page.locator(".entry").click();
    const rows = page.locator(".members tr");
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(1_000);
    await page.getByRole("button", { name: "显示更早的" }).click();
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(1_040);
    expect(await page.getByRole("button", { name: "显示更早的" }).count()).toBe(0);
    await apart.report(...at(2));
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(1_042);
    await page.close();
  } finally {
    await apart.close();
  }
}, 300_000);
