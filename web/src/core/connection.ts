// The page's line to the server: subscribes by the Centrifuge SDK, hands frames on,
// knows how old the newest is, and comes back by itself from a restarted server, a
// lost network and a machine that slept.

import { signal, type ReadonlySignal } from "@preact/signals";
import { Centrifuge, type Subscription } from "centrifuge";
import type { AlertFrame, IncidentFrame, StatsFrame, UnitFrame } from "../contract/openapi";
import { instant, since, type Clocks, type Instant } from "./elapsed";
import { freshness, LATE_MS, type Freshness } from "./freshness";

/** Who takes what comes in. */
export interface Sink {
  alertFrame(frame: AlertFrame): void;
  incidents(frame: IncidentFrame): void;
  units(cell: string, frame: UnitFrame): void;
  /** Nobody tells of this cell any more. */
  leave(cell: string): void;
  figures(frame: StatsFrame): void;
  /** The server is there, for the first time or again. */
  connected(): void;
  /** The server's store is another than the one that this page has mirrored so far. */
  replaced(): void;
}

/** How the line is. */
export interface Link {
  fresh: Freshness;
  /** The server's time up to which the picture is whole, ms since 1970. */
  at: number | null;
  /** Whether the server's clock is doubted, or its log ends in the future. */
  doubted?: boolean | undefined;
  /** For how many whole seconds nothing new has been stored; 0 unless the data have stopped. */
  silent_s: number;
}

/** What the line needs of its surroundings; tests bring their own. */
export interface Surroundings {
  url: string;
  websocket?: unknown;
  clocks: Clocks;
}

/** How often the line looks at itself. */
const LOOK_MS = 1_000;
/**
 * A gap of so long between two looks, and nothing heard for as long: the machine slept.
 * The timers of a hidden page come once a minute only, but it goes on hearing.
 */
const SLEPT_MS = 8_000;
/** So long without a frame on an open line, and the line is taken for dead. */
const DEAD_MS = 12_000;
/** After this, cells that nobody wants are given up even if the wanted did not answer. */
const LINGER_MS = 4_000;

/** The line; {@link close} ends it for good, after which it touches nothing. */
export class Connection {
  private readonly state = signal<Link>({ fresh: "waiting", at: null, silent_s: 0 });
  private readonly client: Centrifuge;
  private readonly cells = new Map<string, Subscription>();
  private wanted = new Set<string>();
  private wantedSince: Instant;
  private received: Instant | null = null;
  /** The last key figures: when they came, and how long ago the server last could store by then. */
  private stored: { heard: Instant; ago_ms: number } | null = null;
  private doubted: boolean | undefined = undefined;
  private at: number | null = null;
  /** Which store the positions in the stream belong to. */
  private epoch: string | undefined;
  private looked: Instant;
  private kicked: Instant;
  private closed = false;
  private readonly looks: ReturnType<typeof setInterval>;

  constructor(
    private readonly sink: Sink,
    private readonly around: Surroundings,
  ) {
    this.looked = this.kicked = this.wantedSince = instant(around.clocks);
    this.client = new Centrifuge(around.url, {
      name: "pilin-web",
      minReconnectDelay: 300,
      maxReconnectDelay: 4_000,
      timeout: 8_000,
      ...(around.websocket ? { websocket: around.websocket } : {}),
    });
    this.client.on("connected", () => this.closed || sink.connected());
    this.subscribe("alerts", (frame) => sink.alertFrame(frame as AlertFrame), true);
    this.subscribe("incidents:all", (frame) => sink.incidents(frame as IncidentFrame), true);
    this.subscribe("stats", (frame) => this.figures(frame as StatsFrame), false);
    this.client.connect();
    this.looks = setInterval(() => this.look(), LOOK_MS);
  }

  /** How the line is, for the badge. */
  get link(): ReadonlySignal<Link> {
    return this.state;
  }

  /** Follows the units of these channels instead of those followed until now. */
  watch(channels: readonly string[]): void {
    this.wanted = new Set(channels);
    this.wantedSince = instant(this.around.clocks);
    for (const channel of channels) {
      if (this.cells.has(channel)) continue;
      const take = (frame: unknown) => this.sink.units(channel, frame as UnitFrame);
      this.cells.set(channel, this.subscribe(channel, take, false));
    }
    this.settle();
  }

  /** Ends the line. */
  close(): void {
    this.closed = true;
    clearInterval(this.looks);
    this.client.disconnect();
  }

  /** Looks whether the machine slept or the line died; called every second. */
  look(): void {
    const { clocks } = this.around;
    const quiet = Math.min(this.received ? since(this.received, clocks) : Infinity, since(this.kicked, clocks));
    const slept = since(this.looked, clocks) > SLEPT_MS && quiet > SLEPT_MS;
    this.looked = instant(clocks);
    const silent = quiet > DEAD_MS;
    const gaveUp = this.client.state === "disconnected";
    if (slept || gaveUp || (silent && this.client.state === "connected")) {
      this.kicked = this.looked;
      this.client.disconnect();
      this.client.connect();
    }
    for (const sub of Object.values(this.client.subscriptions())) {
      if (sub.state === "unsubscribed") sub.subscribe();
    }
    this.settle();
    this.judge();
  }

  private subscribe(channel: string, take: (frame: unknown) => void, recoverable: boolean): Subscription {
    const sub = this.client.newSubscription(channel, { recoverable, positioned: recoverable });
    const hear = (frame: unknown) => {
      // A line that was closed or a cell that was left has no say any more.
      if (this.closed || (channel.startsWith("units:") && this.cells.get(channel) !== sub)) return;
      this.received = instant(this.around.clocks);
      take(frame);
      this.judge();
    };
    sub.on("subscribed", (context) => {
      if (this.closed) return;
      const epoch = context.streamPosition?.epoch;
      if (epoch && this.epoch && epoch !== this.epoch) this.sink.replaced();
      this.epoch = epoch || this.epoch;
      if (context.data) hear(context.data);
      this.settle();
    });
    sub.on("publication", (context) => hear(context.data));
    sub.subscribe();
    return sub;
  }

  /** Only they say how old the picture is: all else may be a picture of long ago, told anew. */
  private figures(frame: StatsFrame): void {
    this.stored = { heard: instant(this.around.clocks), ago_ms: frame.stored_ago_ms };
    this.doubted = frame.clock_doubted || undefined;
    // While nothing is stored it stays where it was: a driven clock may run faster than the page's.
    if (this.at === null || frame.stored_ago_ms < LATE_MS) this.at = frame.at - frame.stored_ago_ms;
    this.sink.figures(frame);
  }

  /** Gives up unwanted cells once the wanted ones have answered, so that nothing blinks. */
  private settle(): void {
    if (this.closed) return;
    const answered = [...this.wanted].every((cell) => this.cells.get(cell)?.state === "subscribed");
    if (!answered && since(this.wantedSince, this.around.clocks) < LINGER_MS) return;
    for (const [channel, sub] of this.cells) {
      if (this.wanted.has(channel)) continue;
      this.cells.delete(channel);
      sub.unsubscribe();
      this.client.removeSubscription(sub);
      this.sink.leave(channel);
    }
  }

  private judge(): void {
    const before = this.state.peek();
    const age = this.stored && this.stored.ago_ms + since(this.stored.heard, this.around.clocks);
    const fresh = freshness(age);
    const silent_s = fresh === "stopped" ? Math.floor(age! / 1000) : 0;
    if (before.fresh !== fresh || before.at !== this.at || before.silent_s !== silent_s || before.doubted !== this.doubted) {
      this.state.value = { fresh, at: this.at, silent_s, doubted: this.doubted };
    }
  }
}
