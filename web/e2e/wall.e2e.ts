import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { audit } from "./driver/axe.ts";
import { launch } from "./driver/browser.ts";
import { Cable, type Cut } from "./driver/cable.ts";
import { Server } from "./driver/server.ts";
import { Wall } from "./driver/wall.ts";

/** South of Dianshan Lake, where Wujiang and Jiashan meet. */
const WUJIANG_JIASHAN: [number, number] = [120.8, 30.98];
const MATTER = "spoil-dumping";

let server: Server;
let browser: Browser;

beforeAll(async () => {
  server = await Server.start();
  points = await server.acrossBorder(WUJIANG_JIASHAN, 12);
  browser = await launch();
});
afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

let points: [number, number][];
/** Reports `count` of the points across the border, from the `from`th on. */
const dump = async (count: number, from = 0) => {
  await server.report(...points.slice(from, from + count).map(([lon, lat]) => ({ matter: MATTER, lon, lat })));
};
/** Sees to it that an alert stands, whichever stories were told before. */
const anAlertStands = async () => {
  if ((await server.get("alerts")).alerts.length === 0) await dump(5);
};

test("the wall loads without a word in the console and asks nobody outside", async () => {
  const wall = await Wall.open(browser, server);
  await wall.drawn();
  expect(wall.watch.errors).toEqual([]);
  expect(wall.watch.outside).toEqual([]);
  expect(await wall.badge()).toBe("数据实时");
  expect(await wall.page.title()).toContain("毗邻");
  expect(await audit(wall.page)).toEqual([]);
});

test("a new alert is on the wall soon after the report that raised it", async () => {
  const wall = await Wall.open(browser, server);
  await dump(4);
  await wall.knows(4);
  expect(await wall.alerts()).toEqual([]);
  const sent = performance.now();
  await dump(1, 4);
  await wall.lists(1);
  const took = performance.now() - sent;
  console.log(`seen on the wall ${Math.round(took)} ms after the report was sent`);
  const [alert] = await wall.alerts();
  expect(alert!.reason).toMatch(/72小时内，(江苏（吴江）一侧3起、浙江（嘉善）一侧2起|浙江（嘉善）一侧3起、江苏（吴江）一侧2起)“.+”在.*边界.*聚集。/);
  expect(await wall.clipped()).toEqual([]);
});

test("the wall says since when there is nothing new, and comes back from a restart by itself", async () => {
  const wall = await Wall.open(browser, server);
  await wall.lists(1);
  await server.down("SIGKILL");
  await wall.becomes("stopped");
  expect(await wall.badge()).toMatch(/^数据中断，最后更新 \d\d:\d\d:\d\d\s*已中断 \d+ 秒$/);
  expect(await wall.alerts()).toHaveLength(1);
  await server.up();
  await wall.becomes("live");
  await dump(3, 5);
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
  await dump(5);
  await wall.lists(1);
  expect((await wall.alerts())[0]!.reason).toContain("3起、");
});

test.each<Cut>(["reset", "silent"])("the wall comes back when the network does (%s)", async (how) => {
  await anAlertStands();
  const cable = await Cable.lay(server.url);
  try {
    const wall = await Wall.open(browser, server, undefined, undefined, false, "/wall", cable.url);
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

test("the map comes back when the graphics card was reset and gives its context back", async () => {
  await anAlertStands();
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

test("the map is made anew, time and again, when its context is taken and never given back", async () => {
  await anAlertStands();
  const wall = await Wall.open(browser, server);
  for (let loss = 0; loss < 3; loss++) {
    const before = await wall.canvas();
    await before.evaluate((element) =>
      (element as HTMLCanvasElement).getContext("webgl2")!.getExtension("WEBGL_lose_context")!.loseContext());
    await wall.hasAnotherMapThan(before);
    await wall.becomes("live");
    await wall.drawn();
  }
  expect(wall.watch.errors).toEqual([]);
});

test("the map is made anew after the browser's graphics process has crashed twice", { timeout: 600_000 }, async () => {
  await anAlertStands();
  const wall = await Wall.open(browser, server);
  const devtools = await browser.newBrowserCDPSession();
  for (let crash = 0; crash < 2; crash++) {
    const before = await wall.canvas();
    await devtools.send("Browser.crashGpuProcess" as never);
    // After a second crash Chromium refuses WebGL to the site for about two minutes.
    await wall.hasAnotherMapThan(before, 220_000);
    await wall.becomes("live");
  }
});

test("a wall without WebGL says that it has no map, shows the rest, and has its map as soon as it can", async () => {
  await anAlertStands();
  const wall = await Wall.open(browser, server, undefined, async (page) => {
    await page.addInitScript(() => {
      const { getContext } = HTMLCanvasElement.prototype;
      (window as any).refuses = true;
      HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...asked: any[]) {
        return (window as any).refuses && asked[0] === "webgl2" ? null : (getContext as any).apply(this, asked);
      } as never;
    });
  });
  await wall.lists(1);
  expect(await wall.badge()).toBe("地图重建中");
  await wall.page.locator(".badge.late").waitFor();
  expect(await wall.page.locator("canvas.maplibregl-canvas").count()).toBe(0);
  await wall.page.evaluate(() => ((window as any).refuses = false));
  await wall.becomes("live");
  await wall.page.locator(".sign").first().waitFor();
});

test("a clock that is set back does not show a dead line as live", async () => {
  const cable = await Cable.lay(server.url);
  try {
    const wall = await Wall.open(browser, server, undefined, async (page) => {
      await page.addInitScript(() => {
        const { now } = Date;
        (window as any).setBack = 0;
        Date.now = () => now() - (window as any).setBack;
      });
    }, false, "/wall", cable.url);
    cable.sever("reset");
    await wall.page.evaluate(() => ((window as any).setBack = 1_800_000));
    await wall.becomes("stopped", 30_000);
    cable.mend();
    await wall.becomes("live");
  } finally {
    await cable.close();
  }
});

test("other rules are in every sentence at once, on the map that was there", async () => {
  const wall = await Wall.open(browser, server);
  await wall.lists(1);
  const canvas = await wall.page.locator("canvas.maplibregl-canvas").elementHandle();
  const { rule } = await server.get("rules");
  const longer = { rule: rule.map((one: any) => ({ ...one, window: "80h" })) };
  await server.send("PUT", "rules", longer);
  await server.tick(1_000);
  await wall.page.locator(".card .reason", { hasText: "80小时内" }).first().waitFor({ timeout: 10_000 });
  expect(await canvas!.evaluate((element) => element.isConnected)).toBe(true);
  await server.send("PUT", "rules", { rule });
  await server.tick(1_000);
  await wall.page.locator(".card .reason", { hasText: "72小时内" }).first().waitFor({ timeout: 10_000 });
});

test("a server of another build is met by a page that begins anew, once", async () => {
  let loads = 0;
  let asked = 0;
  const wall = await Wall.open(browser, server, undefined, async (page) => {
    page.on("load", () => loads++);
    await page.clock.install();
    await page.route("**/api/v1/region", async (route) => {
      const view = await (await route.fetch()).json();
      await route.fulfill({ json: asked++ === 0 ? view : { ...view, build: "another" } });
    });
  });
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

test("a basemap that did not come is asked for again until it is there", async () => {
  let refused = 0;
  let came = 0;
  const wall = await Wall.open(browser, server, undefined, async (page) => {
    await page.context().route("**/api/v1/map/*.geojson", (route) =>
      ++refused <= 6 ? route.fulfill({ status: 503, body: "" }) : (came++, route.continue()));
  });
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

test("alerts of two rules between the same places can be told apart", async () => {
  await dump(12);
  const wall = await Wall.open(browser, server);
  await wall.lists(2);
  const rules = await wall.page.locator(".card .about").allInnerTexts();
  expect(new Set(rules)).toEqual(new Set(["渣土跨界倾倒", "固废跨界倾倒（合并）"]));
  await wall.page.locator(".sign .count").nth(1).waitFor();
  const [one, other] = await wall.page.locator(".sign .count").evaluateAll((signs) =>
    signs.map((sign) => sign.getBoundingClientRect().toJSON() as DOMRect));
  const apart = one!.right <= other!.left || other!.right <= one!.left || one!.bottom <= other!.top || other!.bottom <= one!.top;
  expect(apart).toBe(true);
  expect(await wall.page.locator("canvas").getAttribute("aria-label")).toBe("地图");
});
