// The map under its heaviest load, and the page after a long time.

import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Browser, CDPSession, WebSocketRoute } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch } from "./driver/browser.ts";
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
  browser = await launch(["--enable-precise-memory-info"]);
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  const folder = resolve(import.meta.dirname, "../../target/bench");
  mkdirSync(folder, { recursive: true });
  writeFileSync(resolve(folder, "pages.json"), JSON.stringify(figures, null, 2));
});

/** The same numbers every time (mulberry32). */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

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
  const wall = await Wall.open(browser, server, { width: 1920, height: 1080 }, withoutRaster);
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

/** Frames as the stream sends them, as many kinds as there are. */
function* deltas(count: number, first: number, at: number) {
  for (let n = first; n < first + count; n++) {
    const now = at + n;
    const push = (channel: string, data: object, offset?: number) =>
      JSON.stringify({ push: { channel, pub: { ...(offset ? { offset } : {}), data } } });
    switch (n % 4) {
      case 0:
        // Old enough to be forgotten again within the minute.
        yield push("incidents:all", { at: now, rows: [[10_000_000 + n, 121, 31, "exposed-refuse", now - 30 * 86_400_000, 2, "310118", "simulated"]] }, 1e9 + n);
        break;
      case 1:
        yield push("units:8/214/104@5s", { at: now, rows: [[n % 3000, 121 + (n % 97) / 1000, 31, n % 360, 8, now, "310118", "car"]] });
        break;
      case 2:
        yield push("alerts", { at: now, changes: [{ step: "updated", alert: alert(n % 12, now, n) }] }, 1e9 + n);
        break;
      default:
        yield push("stats", {
          at: now, day_start: at - 3_600_000, incidents_today: n, by_jurisdiction: { "310000": n, "320000": n + 1 },
          by_matter: { "exposed-refuse": n }, incidents_live: n, units_on_duty: 3000, units_by_jurisdiction: { "310000": 3000 },
          alerts_open: 12, alerts_unacknowledged: 12, oldest_unacknowledged: at, provenance: ["simulated"],
        });
    }
  }
}

function alert(id: number, now: number, n: number) {
  const lng = 120.8 + id / 50;
  return {
    id: 1000 + id, state: "open", severity: 1 + (id % 4), rule: "spoil-dumping",
    border: { code: "320000-330000", name: "江苏省—浙江省", name_en: "Jiangsu–Zhejiang" },
    sides: [{ code: "320000", name: "江苏省", name_en: "Jiangsu", members: 4 + (n % 9) }, { code: "330000", name: "浙江省", name_en: "Zhejiang", members: 3 }],
    members: 7 + (n % 9), cores: 5, matters: [["spoil-dumping", 7]], zones: [], center: [lng, 30.95],
    hull: [[lng - 0.005, 30.945], [lng + 0.005, 30.945], [lng, 30.956]], border_distance_m: 90, last_24h: 5, previous_24h: 2,
    provenance: "simulated", raised_at: now - 3_600_000, updated_at: now, fading_since: null, ended_at: null, merged_into: null,
    reopened: 0, acknowledged: null,
  };
}

async function heapAfterCollection(cdp: CDPSession): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < 3; look++) {
    await cdp.send("HeapProfiler.collectGarbage");
    const { usedSize } = (await cdp.send("Runtime.getHeapUsage")) as { usedSize: number };
    least = Math.min(least, usedSize);
  }
  return least;
}

test("after 200,000 deltas the wall's memory is what it was, within a tenth", { timeout: 600_000 }, async () => {
  const quiet = await Server.start();
  try {
    let line: WebSocketRoute | undefined;
    const wall = await Wall.open(browser, quiet, { width: 1280, height: 720 }, async (page) => {
      await withoutRaster(page);
      // The line to the real server, into which the story speaks as well.
      await page.routeWebSocket(/connection\/websocket/, (socket) => {
        line = socket;
        socket.connectToServer();
      });
    });
    const cdp = await wall.page.context().newCDPSession(wall.page);
    let told = 0;
    const heard = () => wall.page.evaluate(() => (window as any).pilin.counts().at as number);
    const tell = async (count: number) => {
      for (const until = told + count; told < until; ) {
        const lines = [...deltas(1_000, told, quiet.now)];
        told += lines.length;
        // A line that was just dialled anew did not hear it: say it again.
        for (let asked = 0; (await heard()) < quiet.now + told - 1; asked++) {
          if (asked % 200 === 0) line!.send(lines.join("\n"));
          if (asked > 4_000) throw new Error(`the page does not hear delta ${told}`);
          await new Promise((done) => setTimeout(done, 10));
        }
      }
    };
    await tell(50_000);
    await wall.page.waitForTimeout(25_000);
    const before = await heapAfterCollection(cdp);
    await tell(200_000);
    await wall.page.waitForTimeout(25_000);
    const after = await heapAfterCollection(cdp);
    figures.push({ what: "page: memory after 200,000 deltas against before", figure: Number((after / before).toFixed(3)), unit: "×", goal: "≤ 1.1" });
    console.log(`heap ${(before / 1e6).toFixed(1)} MB, after 200,000 deltas ${(after / 1e6).toFixed(1)} MB`);
    expect(after / before).toBeLessThan(1.1);
    await wall.close();
  } finally {
    await quiet.close();
  }
});
