import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection, type Sink } from "./connection";

/** A socket whose other end is the test. */
class Socket {
  static all: Socket[] = [];
  static refuse = false;
  readonly commands: Record<string, any>[] = [];
  readyState = 0;
  onopen?: () => void;
  onclose?: (event: { code: number; reason: string }) => void;
  onmessage?: (event: { data: string }) => void;
  onerror?: (event: unknown) => void;

  constructor(readonly url: string) {
    Socket.all.push(this);
    queueMicrotask(() => (Socket.refuse ? this.drop(1006) : this.open()));
  }
  private open() {
    this.readyState = 1;
    this.onopen?.();
  }
  send(text: string) {
    for (const line of text.split("\n")) this.commands.push(JSON.parse(line));
  }
  close() {
    this.drop(1000);
  }
  drop(code: number) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }
  async says(...lines: object[]) {
    this.onmessage?.({ data: lines.map((line) => JSON.stringify(line)).join("\n") });
    await tick();
  }
  /** The command about a channel. */
  asked(channel: string) {
    return this.commands.find((one) => one.subscribe?.channel === channel);
  }
  /** Lets the client in and answers all it asks. */
  async welcome(answers: Record<string, object> = {}) {
    await tick();
    await this.says({ id: this.commands[0]!.id, connect: { client: "c", version: "1", ping: 25, pong: true } });
    await this.answer(answers);
  }
  async answer(answers: Record<string, object> = {}) {
    for (const { id, subscribe } of this.commands) {
      if (subscribe && !this.answered.has(id)) {
        this.answered.add(id);
        await this.says({ id, subscribe: answers[subscribe.channel] ?? {} });
      }
    }
  }
  private readonly answered = new Set<number>();
}

/** What somebody sets the calendar by, ms. */
let set = 0;
const clocks = { steady: () => performance.now(), calendar: () => Date.now() + set };
const tick = () => vi.advanceTimersByTimeAsync(1);
const heard: string[] = [];
const sink: Sink = {
  alertFrame: (frame) => void heard.push(`alerts ${frame.at}`),
  incidents: (frame) => void heard.push(`incidents ${frame.at}`),
  units: (cell, frame) => void heard.push(`${cell} ${frame.at}`),
  leave: (cell) => void heard.push(`left ${cell}`),
  figures: (frame) => void heard.push(`stats ${frame.at}`),
  connected: () => void heard.push("connected"),
  replaced: () => void heard.push("replaced"),
};
const stats = (at: number, stored_ago_ms = 0) => ({ push: { channel: "stats", pub: { data: { at, stored_ago_ms } } } });
let line: Connection;
const last = () => Socket.all.at(-1)!;

beforeEach(async () => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal("WebSocket", Socket);
  Socket.all = [];
  Socket.refuse = false;
  heard.length = 0;
  set = 0;
  line = new Connection(sink, { url: "ws://test/", websocket: Socket, clocks });
});
afterEach(() => {
  line.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("alerts and incidents are asked for so that they can be resumed", async () => {
  await last().welcome({ alerts: { recoverable: true, positioned: true, epoch: "e", offset: 4, data: { at: 7 } } });
  expect(last().asked("alerts")?.subscribe).toMatchObject({ recoverable: true });
  expect(last().asked("incidents:all")?.subscribe).toMatchObject({ recoverable: true });
  expect(heard).toEqual(["connected", "alerts 7"]);
});

test("after a restart of the server it names where it was and takes what it missed", async () => {
  await last().welcome({ alerts: { recoverable: true, positioned: true, epoch: "e", offset: 4, data: { at: 1 } } });
  await last().says({ push: { channel: "alerts", pub: { offset: 5, data: { at: 2 } } } });
  Socket.refuse = true;
  last().drop(1006);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(Socket.all.length).toBeGreaterThan(2);
  Socket.refuse = false;
  await vi.advanceTimersByTimeAsync(5_000);
  const missed = [{ offset: 6, data: { at: 3 } }];
  await last().welcome({
    alerts: { recoverable: true, positioned: true, epoch: "e", offset: 6, was_recovering: true, recovered: true, publications: missed },
  });
  expect(last().asked("alerts")?.subscribe).toMatchObject({ recover: true, epoch: "e", offset: 5 });
  expect(heard.filter((one) => one.startsWith("alerts"))).toEqual(["alerts 1", "alerts 2", "alerts 3"]);
});

test("data grows amber, then red, and says when it stopped", async () => {
  expect(line.link.value.fresh).toBe("waiting");
  await last().welcome();
  await last().says(stats(42));
  expect(line.link.value).toEqual({ fresh: "live", at: 42, silent_s: 0 });
  await vi.advanceTimersByTimeAsync(6_000);
  expect(line.link.value).toEqual({ fresh: "late", at: 42, silent_s: 0 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(line.link.value).toEqual({ fresh: "stopped", at: 42, silent_s: 15 });
});

test("a server that can store nothing makes the picture old, though it goes on talking", async () => {
  await last().welcome();
  await last().says(stats(100_000, 400));
  expect(line.link.value).toEqual({ fresh: "live", at: 99_600, silent_s: 0 });
  await last().says(stats(106_000, 6_400));
  expect(line.link.value).toEqual({ fresh: "late", at: 99_600, silent_s: 0 });
  await last().says(stats(116_000, 16_400), { push: { channel: "alerts", pub: { data: { at: 90_000 } } } });
  expect(line.link.value).toEqual({ fresh: "stopped", at: 99_600, silent_s: 16 });
  await last().says(stats(117_000, 20));
  expect(line.link.value).toEqual({ fresh: "live", at: 116_980, silent_s: 0 });
});

test("a clock that is doubted is told of until it is right", async () => {
  await last().welcome();
  const told = (clock_doubted: boolean) => ({ push: { channel: "stats", pub: { data: { at: 42, stored_ago_ms: 0, clock_doubted } } } });
  await last().says(told(true));
  expect(line.link.value).toEqual({ fresh: "live", at: 42, silent_s: 0, doubted: true });
  await last().says(told(false));
  expect(line.link.value).toEqual({ fresh: "live", at: 42, silent_s: 0 });
});

test("a picture of long ago that is told anew is not fresh", async () => {
  await last().welcome();
  await last().says(stats(200_000, 16_000));
  expect(line.link.value).toEqual({ fresh: "stopped", at: 184_000, silent_s: 16 });
  last().drop(1006);
  await vi.advanceTimersByTimeAsync(5_000);
  await last().welcome({ alerts: { recoverable: true, positioned: true, epoch: "e", offset: 4, data: { at: 1 } } });
  expect(line.link.value.fresh).toBe("stopped");
});

test("a server that comes back with another store says so before anything else, and once", async () => {
  const position = (epoch: string) => ({ recoverable: true, positioned: true, epoch, offset: 1, data: { at: 1 } });
  const answers = (epoch: string) => ({ alerts: position(epoch), "incidents:all": position(epoch) });
  await last().welcome(answers("e"));
  last().drop(1006);
  await vi.advanceTimersByTimeAsync(5_000);
  await last().welcome(answers("e"));
  expect(heard).not.toContain("replaced");
  last().drop(1006);
  await vi.advanceTimersByTimeAsync(5_000);
  heard.length = 0;
  await last().welcome(answers("f"));
  expect(heard.filter((one) => one !== "connected")).toEqual(["replaced", "alerts 1", "incidents 1"]);
});

test("an open line that went silent is taken for dead and dialled anew", async () => {
  await last().welcome();
  await last().says(stats(1));
  await vi.advanceTimersByTimeAsync(15_000);
  expect(Socket.all).toHaveLength(2);
  await last().welcome();
  await last().says(stats(2));
  expect(line.link.value.fresh).toBe("live");
});

test("a machine that slept dials anew at once", async () => {
  await last().welcome();
  await last().says(stats(1));
  vi.setSystemTime(Date.now() + 3_600_000);
  await vi.advanceTimersByTimeAsync(1_100);
  expect(Socket.all).toHaveLength(2);
});

test("a calendar that is set back shows no dead line as live", async () => {
  await last().welcome();
  await last().says(stats(42));
  Socket.refuse = true;
  last().drop(1006);
  set = -1_800_000;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(line.link.value).toMatchObject({ fresh: "stopped", at: 42 });
});

test("a calendar that is set back lets a silent line be dialled anew", async () => {
  await last().welcome();
  await last().says(stats(1));
  set = -1_800_000;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(Socket.all).toHaveLength(2);
});

test("a hidden page, whose timers come once a minute, keeps its line", async () => {
  await last().welcome();
  await last().says(stats(1));
  vi.spyOn(line, "look").mockImplementation(() => undefined);
  for (let minute = 0; minute < 5; minute++) {
    for (let second = 0; second < 60; second++) {
      await vi.advanceTimersByTimeAsync(1_000);
      await last().says(stats(minute * 60_000 + second * 1_000));
    }
    Connection.prototype.look.call(line);
  }
  expect(Socket.all).toHaveLength(1);
  expect(line.link.value.fresh).toBe("live");
});

test("whoever looks at data that stopped is told for how long, second by second", async () => {
  await last().welcome();
  await last().says(stats(42));
  Socket.refuse = true;
  last().drop(1006);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(line.link.value.silent_s).toBeGreaterThanOrEqual(58);
  await vi.advanceTimersByTimeAsync(132_000);
  expect(line.link.value.silent_s).toBeGreaterThanOrEqual(190);
});

test("a superseded socket touches nothing", async () => {
  const first = last();
  await first.welcome();
  await first.says(stats(1));
  vi.setSystemTime(Date.now() + 3_600_000);
  await vi.advanceTimersByTimeAsync(1_100);
  await last().welcome();
  await first.says(stats(99));
  expect(heard).not.toContain("stats 99");
  line.close();
  await last().says(stats(100));
  expect(heard).not.toContain("stats 100");
});

test("being sent away for good is no reason to stay away", async () => {
  await last().welcome();
  last().drop(3501);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(Socket.all).toHaveLength(2);
});

test("cells are left only when their successors have answered", async () => {
  await last().welcome();
  line.watch(["units:6/1/1@5s"]);
  await tick();
  await last().answer({ "units:6/1/1@5s": { data: { at: 1, reset: true, rows: [] } } });
  line.watch(["units:9/8/8@1s"]);
  await tick();
  expect(heard).not.toContain("left units:6/1/1@5s");
  await last().answer({ "units:9/8/8@1s": { data: { at: 2, reset: true, rows: [] } } });
  await tick();
  expect(heard.slice(-2)).toEqual(["units:9/8/8@1s 2", "left units:6/1/1@5s"]);
});

test("a cell that was left has no say", async () => {
  await last().welcome();
  line.watch(["units:6/1/1@5s"]);
  await tick();
  await last().answer();
  line.watch([]);
  await last().says({ push: { channel: "units:6/1/1@5s", pub: { data: { at: 5, rows: [] } } } });
  expect(heard).not.toContain("units:6/1/1@5s 5");
});
