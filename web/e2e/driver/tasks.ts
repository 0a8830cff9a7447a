// How long the page's main thread is held, and how much of that is its own work.

import type { Browser, Page } from "playwright-core";

/** The longest tasks of the main thread while something ran, ms. */
export interface Held {
  /** By the clock on the wall, as PerformanceObserver's long tasks tell it (none under 50). */
  wall_ms: number;
  /** By the thread's own clock, from the trace: what other processes took does not count. */
  thread_ms: number;
  /** The main thread's share of the time, 0…1. */
  busy: number;
}

/**
 * Takes the software renderer off the critical path: what a graphics card would do
 * beside the main thread is left out, everything the page itself does stays. Call
 * before the page is loaded.
 */
export async function withoutRaster(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const gl = WebGL2RenderingContext.prototype as unknown as Record<string, unknown>;
    for (const draw of ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced", "clear"]) {
      gl[draw] = () => undefined;
    }
    const held = ((window as unknown as { held: number[] }).held = []) as number[];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) held.push(entry.duration);
    }).observe({ type: "longtask" });
  });
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

/** Watches the main thread while `run` runs. */
export async function held(browser: Browser, page: Page, run: () => Promise<void>): Promise<Held> {
  await page.evaluate(() => ((window as unknown as { held: number[] }).held.length = 0));
  await browser.startTracing(page, { categories: ["toplevel", "disabled-by-default-devtools.timeline"] });
  const since = performance.now();
  await run();
  const took = performance.now() - since;
  const wall = await page.evaluate(() => Math.max(0, ...(window as unknown as { held: number[] }).held));
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const mains = new Set(
    traceEvents
      .filter((event) => event.name === "thread_name" && event.args?.name === "CrRendererMain")
      .map((event) => `${event.pid} ${event.tid}`),
  );
  const byThread = new Map<string, number[]>();
  for (const { name, ph, pid, tid, tdur } of traceEvents) {
    if (ph !== "X" || !/RunTask$/.test(name) || !mains.has(`${pid} ${tid}`)) continue;
    const tasks = byThread.get(`${pid} ${tid}`) ?? [];
    tasks.push((tdur ?? 0) / 1000);
    byThread.set(`${pid} ${tid}`, tasks);
  }
  // The page's own renderer is the one that worked.
  const total = (tasks: number[]) => tasks.reduce((sum, task) => sum + task, 0);
  const [tasks = []] = [...byThread.values()].sort((a, b) => total(b) - total(a));
  return { wall_ms: wall, thread_ms: tasks.reduce((most, task) => Math.max(most, task), 0), busy: total(tasks) / took };
}
