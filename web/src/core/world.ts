// What the stream has said so far. Pure: frames in, picture out; no socket, no
// document, no clock.

import type {
  AlertChange,
  AlertFrame,
  AlertView,
  IncidentFrame,
  StatsFrame,
  UnitFrame,
} from "../contract/openapi";
import { Fleet } from "./fleet";
import { Incidents } from "./incidents";

/** Ended alerts are kept for a day, as the server keeps them, but never more. */
const ENDED_MS = 24 * 3600 * 1000;
const ENDED_MOST = 500;

/** What a frame of key figures, one a second, leaves of the haste before it. */
const CALMER = 0.9;

/** The mirror of the server's picture. */
export class World {
  readonly alerts = new Map<number, AlertView>();
  readonly incidents = new Incidents();
  readonly fleet = new Fleet();
  stats: StatsFrame | null = null;
  /** The server's newest time, ms since 1970; 0 before anything came. */
  at = 0;
  /** How many rows, changes and key figures came so far. */
  deltas = 0;
  /** By how much the server's clock is faster than the page's, lately at most. */
  haste = 1;
  private heard: { here: number; there: number } | undefined;

  /** Takes alerts in; returns what is new to whoever looks on. */
  takeAlerts(frame: AlertFrame): AlertChange[] {
    this.passed(frame.at);
    if ("alerts" in frame) {
      this.alerts.clear();
      for (const alert of frame.alerts) this.alerts.set(alert.id, alert);
      return [];
    }
    this.deltas += frame.changes.length;
    for (const { alert } of frame.changes) this.alerts.set(alert.id, alert);
    return frame.changes;
  }

  /** Takes incidents in. */
  takeIncidents(frame: IncidentFrame): void {
    this.passed(frame.at);
    this.deltas += frame.rows.length;
    this.incidents.take(frame);
  }

  /** Takes in what a cell says of units, at the page's time `now` in ms. */
  takeUnits(cell: string, frame: UnitFrame, now: number): void {
    this.passed(frame.at);
    this.deltas += frame.rows.length + (frame.gone?.length ?? 0);
    this.fleet.take(cell, frame, now);
  }

  /** Takes the key figures in, at the page's time `now` in ms. */
  takeStats(frame: StatsFrame, now: number): void {
    this.passed(frame.at);
    this.stats = frame;
    this.deltas++;
    const { here, there } = this.heard ?? { here: now, there: frame.at };
    const passed = Math.max(now - here, 1000);
    this.haste = Math.max(1, (frame.at - there) / passed, this.haste * CALMER);
    this.heard = { here: now, there: frame.at };
  }

  /** Forgets what has left the live window of `window_ms`, and alerts long ended. */
  expire(window_ms: number): void {
    this.incidents.expire(this.at - Math.max(window_ms, ENDED_MS));
    const ended = [...this.alerts.values()]
      .filter((alert) => alert.ended_at !== null)
      .sort((a, b) => b.ended_at! - a.ended_at!);
    for (const [rank, alert] of ended.entries()) {
      if (rank >= ENDED_MOST || alert.ended_at! < this.at - ENDED_MS) this.alerts.delete(alert.id);
    }
  }

  private passed(at: number): void {
    this.at = Math.max(this.at, at);
  }
}

/** Whether an alert still stands. */
export function stands(alert: AlertView): boolean {
  return alert.state === "open" || alert.state === "fading";
}

/**
 * The order in which alerts are shown: those that stand first, then those nobody
 * answers for, those with reports of the last 24 h, the gravest, those with most of
 * such reports, the newest.
 */
export function byUrgency(a: AlertView, b: AlertView): number {
  return (
    Number(stands(b)) - Number(stands(a)) ||
    Number(b.acknowledged === null) - Number(a.acknowledged === null) ||
    Number(b.last_24h > 0) - Number(a.last_24h > 0) ||
    b.severity - a.severity ||
    b.last_24h - a.last_24h ||
    b.raised_at - a.raised_at ||
    b.id - a.id
  );
}
