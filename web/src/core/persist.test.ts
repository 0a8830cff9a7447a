import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ask, backOff, persist, Refused } from "./persist";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("what fails is tried again, less and less often, until it succeeds", async () => {
  let tries = 0;
  let failures = 0;
  const attempt = () => (++tries < 4 ? Promise.reject(new Error("not yet")) : Promise.resolve("here"));
  const got = persist(attempt, undefined, () => failures++);
  await vi.advanceTimersByTimeAsync(1_000 + 2_000);
  expect(tries).toBe(3);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await got).toBe("here");
  expect(failures).toBe(3);
  expect(backOff(40)).toBe(10_000);
});

test("nobody is asked once nobody wants to know", async () => {
  const wanted = new AbortController();
  let tries = 0;
  const got = persist(() => (tries++, Promise.reject(new Error("no"))), wanted.signal);
  await vi.advanceTimersByTimeAsync(500);
  wanted.abort();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await got).toBeUndefined();
  expect(tries).toBe(1);
});

test("a refusal says its status, a lost network none", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status: 409 })));
  await expect(ask("/x")).rejects.toEqual(new Refused(409));
  await expect(ask("/x")).rejects.toMatchObject({ status: 409 });
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(ask("/x")).rejects.toMatchObject({ status: 0 });
});
