import { expect, test } from "vitest";
import { latitude, longitude, mercatorX, mercatorY } from "./mercator";
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

test("the projection there and back is the same point", () => {
  for (const [lng, lat] of [[121.4737, 31.2304], [-71.06, 42.36], [0, 0]] as const) {
    expect(longitude(mercatorX(lng))).toBeCloseTo(lng, 9);
    expect(latitude(mercatorY(lat))).toBeCloseTo(lat, 9);
  }
});
