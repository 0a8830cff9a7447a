// What a page is made of: a region, a world that follows the server, and signals for
// the panels. Units and incidents do not pass through the signals; the map reads the
// world itself.

import { batch, computed, signal } from "@preact/signals";
import type {
  AlertChange,
  AlertFrame,
  AlertView,
  IncidentFrame,
  RegionView,
  StatsFrame,
  UnitFrame,
} from "../contract/openapi";
import { together } from "./colours";
import { Connection, type Sink } from "./connection";
import { instant, pageClocks, since, type Instant } from "./elapsed";
import { ask, persist } from "./persist";
import { Region } from "./region";
import { Renewal } from "./renewal";
import { situations } from "./situations";
import { byUrgency, World } from "./world";

/** How often what left the live window is forgotten, by the server's clock. */
const EXPIRE_MS = 5 * 60_000;
/** How often the map looks for units that fell silent. */
const SILENT_MS = 20_000;
/** How long alerts and figures are gathered before they are shown. */
const TOLD_MS = 40;

/** What a map wants to hear. */
export interface Onlooker {
  unitsMoved(): void;
  incidentsChanged(): void;
  /** Parties have other colours. */
  recoloured(): void;
}

/** The picture of a region, kept up to date. */
export class Live implements Sink {
  readonly world = new World();
  /** Every alert, the most urgent first. */
  readonly alerts = signal<readonly AlertView[]>([]);
  /** The places that they are about, the most urgent first. */
  readonly situations = computed(() => situations(this.alerts.value));
  readonly stats = signal<StatsFrame | null>(null);
  /** What happened to alerts just now. */
  readonly changes = signal<readonly AlertChange[]>([]);
  readonly region;
  private readonly line: Connection;
  private readonly listening: ReturnType<typeof setInterval>;
  /** The server's time when what left the window was last forgotten. */
  private expired = 0;
  private onlooker: Onlooker | undefined;
  private asking: AbortController | undefined;
  /** The rules because of which the region was last asked for. */
  private rules: string;
  private readonly renewal = new Renewal(() => void reload());
  private readonly news: AlertChange[] = [];
  /** Whether alerts came since they were last shown. */
  private stale = false;
  private telling: ReturnType<typeof setTimeout> | undefined;
  /** The page's and the server's time when key figures last came. */
  private heard: { here: Instant; there: number } | undefined;

  constructor(first: RegionView) {
    this.region = signal(new Region(first));
    this.rules = first.rules_revision;
    const url = `${location.origin.replace(/^http/, "ws")}/connection/websocket`;
    this.line = new Connection(this, { url, clocks: pageClocks });
    this.listening = setInterval(() => this.onlooker?.unitsMoved(), SILENT_MS);
  }

  get link() {
    return this.line.link;
  }

  /** The map that is told of units and incidents; `undefined` while there is none. */
  show(onlooker: Onlooker | undefined): void {
    this.onlooker = onlooker;
  }

  watch(channels: readonly string[]): void {
    this.line.watch(channels);
  }

  /** The server's time now, ms since 1970; `null` before it was heard of. */
  now(): number | null {
    if (!this.heard) return null;
    const { here, there } = this.heard;
    return this.region.peek().view.driven_clock ? there : there + since(here, pageClocks);
  }

  close(): void {
    clearInterval(this.listening);
    clearTimeout(this.telling);
    this.renewal.cancel();
    this.asking?.abort();
    this.line.close();
  }

  alertFrame(frame: AlertFrame): void {
    this.news.push(...this.world.takeAlerts(frame));
    this.stale = true;
    this.tell();
  }

  incidents(frame: IncidentFrame): void {
    this.world.takeIncidents(frame);
    this.onlooker?.incidentsChanged();
  }

  units(cell: string, frame: UnitFrame): void {
    this.world.takeUnits(cell, frame, performance.now());
    this.onlooker?.unitsMoved();
  }

  leave(cell: string): void {
    this.world.fleet.leave(cell);
    this.onlooker?.unitsMoved();
  }

  figures(frame: StatsFrame): void {
    this.world.takeStats(frame, performance.now());
    this.heard = { here: instant(pageClocks), there: frame.at };
    if (this.region.peek().part(together(frame))) this.onlooker?.recoloured();
    if (frame.at - this.expired >= EXPIRE_MS) this.expire();
    if (frame.rules !== this.rules) {
      this.rules = frame.rules;
      void this.askAgain();
    }
    this.tell();
  }

  /** The server may have come back with another map, or as another build. */
  connected(): void {
    void this.askAgain();
  }

  /** Nothing that this page shows is of the new store: alerts and units are numbered anew. */
  replaced(): void {
    void reload();
  }

  private async askAgain(): Promise<void> {
    this.asking?.abort();
    const { signal } = (this.asking = new AbortController());
    const view = await persist(() => fetchRegion(signal), signal);
    if (!view) return;
    const before = this.region.peek();
    if (view.build === before.view.build) this.renewal.cancel();
    else this.renewal.wish();
    // The build stays that of this page.
    const now = { ...view, build: before.view.build };
    if (JSON.stringify(now) !== JSON.stringify(before.view)) this.region.value = new Region(now, before);
  }

  /** However many frames come at once, lists, figures and maps are made anew once. */
  private tell(): void {
    this.telling ??= setTimeout(() => {
      this.telling = undefined;
      const news = this.news.splice(0);
      batch(() => {
        this.stats.value = this.world.stats;
        if (this.stale) this.alerts.value = [...this.world.alerts.values()].sort(byUrgency);
        if (news.length > 0) this.changes.value = news;
      });
      this.stale = false;
    }, TOLD_MS);
  }

  private expire(): void {
    const { incidents, alerts } = this.world;
    const before = [incidents.count, alerts.size];
    this.expired = this.world.at;
    this.world.expire(this.region.peek().view.window_ms);
    if (incidents.count !== before[0]) this.onlooker?.incidentsChanged();
    if (alerts.size !== before[1]) this.stale = true;
  }
}

function fetchRegion(signal?: AbortSignal): Promise<RegionView> {
  return ask<RegionView>("/api/v1/region", signal ? { signal } : {});
}

/** Begins anew; not while the server is away, or the browser's own error page would stay. */
async function reload(): Promise<void> {
  await persist(() => ask("/api/v1/region"));
  location.reload();
}

/** What a page holds, for whoever asks it from the console: `pilin.counts()`. */
function counts(live: Live) {
  const { incidents, fleet, alerts, at, deltas, stats } = live.world;
  return { incidents: incidents.count, units: fleet.count, alerts: alerts.size, at, deltas, told: stats?.at };
}

/** Opens the picture; waits for the server as long as it takes. `failed` hears that it must. */
export async function open(failed: () => void): Promise<Live> {
  const live = new Live((await persist(() => fetchRegion(), undefined, failed))!);
  Object.assign(window, { pilin: { counts: () => counts(live) } });
  return live;
}
