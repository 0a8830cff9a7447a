import { expect, test } from "vitest";
import { mercatorX, mercatorY } from "./mercator";
import { unitChannels } from "./tiles";

test("a view of the delta takes a handful of coarse tiles, slowly", () => {
  const channels = unitChannels([114, 27, 124, 36], 6.4);
  expect(channels).toContain("units:6/53/26@5s");
  expect(channels.length).toBeLessThanOrEqual(12);
});

test("a street takes the finest tiles, fast", () => {
  expect(unitChannels([121.47, 31.228, 121.476, 31.232], 16)).toEqual(["units:12/3430/1673@200ms"]);
});

test("a wide screen at a fine zoom falls back to coarser tiles", () => {
  const channels = unitChannels([110, 25, 126, 36], 10);
  expect(channels.length).toBeLessThanOrEqual(30);
  expect(new Set(channels).size).toBe(channels.length);
});

test("the projection is the unit square of web maps", () => {
  expect([mercatorX(-180), mercatorX(0), mercatorX(180)]).toEqual([0, 0.5, 1]);
  expect(mercatorY(0)).toBeCloseTo(0.5, 12);
  expect(mercatorY(85.0511287798)).toBeCloseTo(0, 7);
  // Zoom 10: People's Square in Shanghai lies in tile 857/418.
  expect([mercatorX(121.4737), mercatorY(31.2304)].map((one) => Math.floor(one * 1024))).toEqual([857, 418]);
});
