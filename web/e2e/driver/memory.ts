// What a page holds.

import type { CDPSession } from "playwright-core";

/** What the page holds once everything unreachable is gone; `Performance` must be enabled. */
export async function held(page: CDPSession): Promise<{ bytes: number; nodes: number }> {
  await page.send("HeapProfiler.collectGarbage");
  // What the protocol of this version does not name yet.
  const usage = (await page.send("Runtime.getHeapUsage")) as unknown as Record<string, number>;
  const { metrics } = await page.send("Performance.getMetrics");
  return {
    bytes: usage["usedSize"]! + usage["embedderHeapUsedSize"]! + usage["backingStorageSize"]!,
    nodes: metrics.find(({ name }) => name === "Nodes")!.value,
  };
}
