// Leads the wall's map along its tour: slow moves, long looks, and a new alert is
// seen within two seconds.

import { effect, signal, type ReadonlySignal } from "@preact/signals";
import type { Live } from "../core/live";
import { stands } from "../core/world";
import type { Chart } from "../map/chart";
import { alertStop, dwell, home, stops, type Stop } from "./tour";

/** A look that a new alert may not cut short, ms. */
const AT_LEAST_MS = 1_500;
const CLOSEST = 13;

/** How fast the map goes to see something. */
function pace(fresh: boolean): number {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return 0;
  return fresh ? 2_600 : 5_000;
}

export class Guide {
  private readonly at = signal<Stop | null>(null);
  private ahead: Stop[] = [];
  private round = 0;
  private since = 0;
  private leaving: ReturnType<typeof setTimeout> | undefined;
  private readonly unsubscribe: () => void;

  constructor(
    private readonly live: Live,
    private readonly chart: Chart,
  ) {
    this.unsubscribe = effect(() => {
      for (const { step, alert } of live.changes.value) {
        if ((step === "raised" || step === "reopened") && stands(alert)) this.call(alert.id);
      }
    });
    this.go(home(live.region.peek().view), false);
  }

  /** What is being looked at. */
  get stop(): ReadonlySignal<Stop | null> {
    return this.at;
  }

  close(): void {
    this.unsubscribe();
    clearTimeout(this.leaving);
  }

  /** Goes to a new alert as soon as the present look has lasted a moment. */
  private call(id: number): void {
    clearTimeout(this.leaving);
    const wait = Math.max(0, AT_LEAST_MS - (performance.now() - this.since));
    this.leaving = setTimeout(() => {
      const alert = this.live.world.alerts.get(id);
      if (alert && stands(alert)) this.go(alertStop(alert), true);
      else this.next();
    }, wait);
  }

  private next(): void {
    if (this.ahead.length === 0) {
      this.ahead = stops(this.live.region.peek().view, this.live.alerts.peek(), this.round++);
    }
    const stop = this.ahead.shift()!;
    // It may have ended, or moved, since the round was planned.
    const alert = stop.kind === "alert" ? this.live.world.alerts.get(stop.id) : undefined;
    if (stop.kind === "alert" && !(alert && stands(alert))) return this.next();
    this.go(alert ? alertStop(alert) : stop, false);
  }

  private go(stop: Stop, fresh: boolean): void {
    this.at.value = stop;
    this.since = performance.now();
    const ms = pace(fresh);
    this.chart.visit(stop.bounds, ms, CLOSEST);
    this.leaving = setTimeout(() => this.next(), ms + dwell(stop, fresh));
  }
}
