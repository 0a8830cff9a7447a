// Leads the wall's map along its tour: slow moves, long looks, and new alerts before
// anything else, one after another, the gravest first.

import { effect, signal, type ReadonlySignal } from "@preact/signals";
import type { AlertView } from "../contract/openapi";
import type { Live } from "../core/live";
import { isStanding } from "../core/situations";
import { byUrgency, stands } from "../core/world";
import type { Chart } from "../map/chart";
import { alertStop, dwell, home, stops, type Stop } from "./tour";

/** A look of the tour that a new alert may not cut short, ms. */
const GLANCE_MS = 1_500;
/** A new alert is looked at for so long, once the map is there, before the next one, ms. */
const READ_MS = 4_000;
/** At most so many new alerts wait to be shown; the tour comes by the others. */
const WAITING = 12;
/** A map that is not there after so long, its tiles included, is waited for no longer, ms. */
const LOADING_MS = 20_000;
const CLOSEST = 13;

/** How long the map takes to go to see something, ms. */
function pace(fresh: boolean): number {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return 0;
  return fresh ? 2_600 : 5_000;
}

export class Guide {
  private readonly at = signal<Stop | null>(null);
  private ahead: Stop[] = [];
  private round = 0;
  /** Numbers of the new alerts that have not been shown yet. */
  private readonly fresh = new Set<number>();
  /** The page's time before which the present look is not cut short. */
  private until = 0;
  private leaving: ReturnType<typeof setTimeout> | undefined;
  private closed = false;
  private readonly unsubscribe: () => void;

  constructor(
    private readonly live: Live,
    private readonly chart: Pick<Chart, "visit">,
    /** Without it the wall keeps looking at the whole. */
    private readonly touring: boolean,
  ) {
    const before = live.changes.peek();
    this.unsubscribe = effect(() => {
      const changes = live.changes.value;
      // What happened before this guide was there has been shown.
      if (!touring || changes === before) return;
      const raised = changes.filter(({ step, alert }) => (step === "raised" || step === "reopened") && stands(alert));
      if (raised.length > 0) this.call(raised.map(({ alert }) => alert.id));
    });
    this.go(home(live.region.peek().view), false);
  }

  /** What is being looked at. */
  get stop(): ReadonlySignal<Stop | null> {
    return this.at;
  }

  /** Ends it; from now on it moves nothing. */
  close(): void {
    this.closed = true;
    this.unsubscribe();
    clearTimeout(this.leaving);
  }

  /** Goes to new alerts as soon as the present look has lasted long enough. */
  private call(ids: readonly number[]): void {
    for (const id of ids) this.fresh.add(id);
    const first = this.waiting().slice(0, WAITING);
    this.fresh.clear();
    for (const { id } of first) this.fresh.add(id);
    this.leave(Math.max(0, this.until - performance.now()));
  }

  /** The places of new alerts that still stand, each by the alert that stands for it, the most urgent first. */
  private waiting(): AlertView[] {
    return [...new Set([...this.fresh].flatMap((id) => this.place(id) ?? []))].sort(byUrgency);
  }

  /** The alert that stands for the place of an alert; `undefined` once that has ended. */
  private place(id: number): AlertView | undefined {
    const here = this.live.situations.peek().find(({ alerts }) => alerts.some((alert) => alert.id === id && stands(alert)));
    return here?.lead;
  }

  private next(): void {
    const [first] = this.waiting();
    if (first) {
      for (const id of this.fresh) if (this.place(id) === first) this.fresh.delete(id);
      return this.go(alertStop(first), true);
    }
    this.fresh.clear();
    if (this.ahead.length === 0) {
      const standing = this.live.situations.peek().filter(isStanding);
      this.ahead = stops(this.live.region.peek().view, standing.map(({ lead }) => lead), this.round++);
    }
    const stop = this.ahead.shift()!;
    // It may have ended, or moved, since the round was planned.
    const alert = stop.kind === "alert" ? this.place(stop.id) : undefined;
    if (stop.kind === "alert" && !alert) return this.next();
    const there = alert ? alertStop(alert) : stop;
    // What was looked at as new is not looked at a second time at once.
    if (there.key === this.at.peek()?.key && this.ahead.length > 0) return this.next();
    this.go(there, false);
  }

  private go(stop: Stop, fresh: boolean): void {
    if (this.closed) return;
    const ms = pace(fresh);
    const latest = ms + LOADING_MS;
    this.at.value = stop;
    this.until = performance.now() + (fresh ? latest + READ_MS : GLANCE_MS);
    if (this.touring) this.leave(latest + this.stay(stop, fresh));
    this.chart.visit(stop.bounds, ms, CLOSEST, () => this.arrive(stop, fresh));
  }

  /** The map shows all of the stop: from now on the look counts. */
  private arrive(stop: Stop, fresh: boolean): void {
    if (this.closed || !this.touring || this.at.peek() !== stop) return;
    if (fresh) this.until = performance.now() + READ_MS;
    this.leave(this.stay(stop, fresh));
  }

  /** How long a stop is looked at; while new alerts wait, not longer than it must be. */
  private stay(stop: Stop, fresh: boolean): number {
    if (this.fresh.size === 0) return dwell(stop, fresh);
    return fresh ? READ_MS : Math.max(0, this.until - performance.now());
  }

  /** Leaves for the next stop after a while; only the last word counts. */
  private leave(ms: number): void {
    clearTimeout(this.leaving);
    this.leaving = setTimeout(() => this.next(), ms);
  }
}
