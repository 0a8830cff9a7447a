import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { act, ask, backOff, persist, Refused } from "./persist";

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

test("an act whose answer is lost is asked for once more, under the same key", async () => {
  const sent: Headers[] = [];
  const answers = [() => Promise.reject(new TypeError("Failed to fetch")), () => Promise.resolve(Response.json({ id: 7 }))];
  vi.stubGlobal("fetch", (_: string, init: RequestInit) => (sent.push(new Headers(init.headers)), answers.shift()!()));
  const done = act("POST", "/x", { name: "li" });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await done).toEqual({ id: 7 });
  const [first, second] = sent.map((headers) => headers.get("idempotency-key"));
  expect(first).toMatch(/^"[0-9a-f]{32}"$/);
  expect(second).toBe(first);
  answers.push(() => Promise.resolve(Response.json({})));
  await act("POST", "/x");
  expect(sent[2]!.get("idempotency-key")).not.toBe(first);
});

test("an act that was refused is not asked for again, and says why", async () => {
  let asked = 0;
  const problem = { type: "urn:pilin:problem:done-before" };
  const answer = () => new Response(JSON.stringify(problem), { status: 409, headers: { "content-type": "application/problem+json" } });
  vi.stubGlobal("fetch", () => (asked++, Promise.resolve(answer())));
  await expect(act("DELETE", "/x")).rejects.toMatchObject({ status: 409, kind: "done-before" });
  expect(asked).toBe(1);
});
