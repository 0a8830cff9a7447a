// The built server with a store of its own, driven through its public doors.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");
const READY_MS = 180_000;

/** A report as a door takes it. */
export interface Report {
  source: string;
  external_id: string;
  matter: string;
  lon: number;
  lat: number;
  occurred_at: string;
  severity?: number;
  description?: string;
}

// Below the ports that Linux takes for outgoing connections, or one of them could have the
// place of a server that is away, and above those of the service's own stories.
const FIRST_PORT = 30_000;
const PORTS = 2_700;
let next = process.pid;

async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + (next++ % PORTS);
    const probe = createServer();
    const free = await new Promise<boolean>((told) => {
      probe.once("error", () => told(false)).listen(port, "127.0.0.1", () => told(true));
    });
    if (!free) continue;
    probe.close();
    await once(probe, "close");
    return port;
  }
}

/** One server; its time is driven by the story. */
export class Server {
  private child: ChildProcess | undefined;
  private log = "";
  private reports = 0;

  private constructor(
    private readonly port: number,
    private readonly folder: string,
    private readonly region: string,
    /** The server's time, ms since 1970. */
    public now: number,
    private flags: readonly string[] = [],
  ) {}

  static async start(region = "data", now = Date.parse("2026-06-10T14:30:00+08:00")): Promise<Server> {
    const server = new Server(await freePort(), mkdtempSync(join(tmpdir(), "pilin-e2e-")), region, now);
    await server.up();
    await server.tick(0);
    return server;
  }

  /** Starts one with flags that it takes knowing where it will be. */
  static async flagged(flags: (url: string) => Promise<string[]>): Promise<Server> {
    const server = new Server(await freePort(), mkdtempSync(join(tmpdir(), "pilin-e2e-")), "data", Date.now());
    server.flags = await flags(server.url);
    await server.up();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, on the store it had. */
  async up(): Promise<void> {
    const bin = process.env["PILIN_BIN"];
    if (!bin) throw new Error("PILIN_BIN names no built pilin");
    // The server refuses settings that it does not know.
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith("PILIN_")));
    const store = `sqlite:${join(this.folder, "pilin.db")}`;
    const flags = ["--listen", `127.0.0.1:${this.port}`, "--region", this.region, "--store", store, "--clock", "driven"];
    const child = spawn(resolve(ROOT, bin), ["serve", ...flags, ...this.flags], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (this.log += String(text)));
    this.child = child;
    const since = Date.now();
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${this.log}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      if (Date.now() - since > READY_MS) throw new Error(`the server is not ready:\n${this.log}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** The one-time address at which the first account is made, as the log prints it. */
  get setUp(): string {
    const found = /http:\/\/\S+\/setup\?key=[0-9a-f]+/.exec(this.log);
    if (!found) throw new Error(`no address to make the first account at:\n${this.log}`);
    return found[0];
  }

  /** Ends it, by a kind word or by force. */
  async down(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }

  /** Takes its store away while it is down. */
  forget(): void {
    for (const end of ["", "-wal", "-shm"]) rmSync(join(this.folder, `pilin.db${end}`), { force: true });
  }

  /** Ends it and forgets its store. */
  async close(): Promise<void> {
    await this.down("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Moves its time on. */
  async tick(ms: number): Promise<void> {
    this.now += ms;
    await this.send("PUT", "clock", { now: new Date(this.now).toISOString() });
  }

  async send(method: string, path: string, body: unknown): Promise<any> {
    const answer = await fetch(`${this.url}/api/v1/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  async get(path: string): Promise<any> {
    const answer = await fetch(`${this.url}/api/v1/${path}`);
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Sends reports; each must be accepted. */
  async report(...points: Omit<Report, "source" | "external_id" | "occurred_at">[]): Promise<void> {
    const rows = points.map((point) => ({
      source: "e2e",
      external_id: `e2e-${++this.reports}`,
      occurred_at: new Date(this.now - 1000).toISOString(),
      ...point,
    }));
    const { accepted } = await this.send("POST", "incidents", rows);
    if (accepted.length !== rows.length) throw new Error(`only ${accepted.length} of ${rows.length} accepted`);
  }

  /**
   * Points on both sides of a border of the region's level near a place, in turn left
   * and right, `apart_m` from the line: enough of them raise an alert.
   */
  async acrossBorder(near: [number, number], count: number, apart_m = 120): Promise<[number, number][]> {
    const { level } = await this.get("region");
    const { features } = await this.get("map/borders.geojson");
    const metres = (a: number[], b: number[]) => {
      const narrow = Math.cos((a[1]! * Math.PI) / 180);
      return [(b[0]! - a[0]!) * 111_320 * narrow, (b[1]! - a[1]!) * 111_320] as const;
    };
    let best: { from: number[]; to: number[]; far: number } | undefined;
    for (const { properties, geometry } of features) {
      if (properties.level !== level) continue;
      for (const line of geometry.coordinates as number[][][]) {
        for (let at = 1; at < line.length; at++) {
          const far = Math.hypot(...metres(near, line[at]!));
          const long = Math.hypot(...metres(line[at - 1]!, line[at]!));
          if (long > 150 && far < (best?.far ?? Infinity)) best = { from: line[at - 1]!, to: line[at]!, far };
        }
      }
    }
    const { from, to } = best!;
    const [east, north] = metres(from, to);
    const long = Math.hypot(east, north);
    const narrow = Math.cos((from[1]! * Math.PI) / 180);
    return Array.from({ length: count }, (_, at) => {
      const way = at % 2 === 0 ? 1 : -1;
      const along = 0.35 + (0.3 * at) / count;
      const [x, y] = [along * east - (way * apart_m * north) / long, along * north + (way * apart_m * east) / long];
      return [from[0]! + x / 111_320 / narrow, from[1]! + y / 111_320];
    });
  }
}
