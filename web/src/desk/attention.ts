// Which alerts nobody at this browser has opened yet, and which must be pointed at now.
// Pure: alerts in, numbers out; what is kept between two visits is a text.

import type { AlertView } from "../contract/openapi";
import { lateness, type Lateness } from "./lateness";
import { waits } from "../core/situations";

/** So many opened alerts are remembered, the newest. */
const MOST = 2_000;

/** The alerts that were opened at this browser. */
export class Opened {
  /** Since when an alert alarmed when it was opened: one that reopened is new again. */
  private readonly since = new Map<number, number>();

  /** From what {@link text} gave; from anything else none are. */
  static from(text: string | null): Opened {
    const opened = new Opened();
    let rows: unknown;
    try {
      rows = JSON.parse(text ?? "[]");
    } catch {
      rows = [];
    }
    for (const row of Array.isArray(rows) ? rows.slice(-MOST) : []) {
      if (Array.isArray(row) && Number.isFinite(row[0]) && Number.isFinite(row[1])) opened.since.set(row[0], row[1]);
    }
    return opened;
  }

  /** To be kept until the next visit. */
  get text(): string {
    return JSON.stringify([...this.since]);
  }

  /** Notes that an alert was opened; whether that is news. */
  open({ id, alarming_since }: AlertView): boolean {
    if (this.since.get(id) === alarming_since) return false;
    this.since.delete(id);
    this.since.set(id, alarming_since);
    for (const oldest of this.since.keys()) {
      if (this.since.size <= MOST) break;
      this.since.delete(oldest);
    }
    return true;
  }

  /** Whether an alert waits and was not opened since it alarms. */
  isNew(alert: AlertView): boolean {
    return waits(alert) && this.since.get(alert.id) !== alert.alarming_since;
  }
}

/** What must be pointed at: alerts that were not there, and those that wait too long by now. */
export interface News {
  raised: AlertView[];
  late: AlertView[];
}

/** Watches the alerts for what must be pointed at, each once. */
export class Lookout {
  private known: Map<number, { since: number; late: Lateness }> | null = null;

  /** What is new among all alerts at the server's time `now`; nothing the first time. */
  look(alerts: readonly AlertView[], now: number): News {
    const news: News = { raised: [], late: [] };
    const before = this.known;
    this.known = new Map();
    for (const alert of alerts) {
      const late = waits(alert) ? lateness(now - alert.alarming_since) : "due";
      const known = before?.get(alert.id);
      this.known.set(alert.id, { since: alert.alarming_since, late });
      if (!before || !waits(alert)) continue;
      if (known?.since !== alert.alarming_since) news.raised.push(alert);
      else if (known.late !== late) news.late.push(alert);
    }
    return news;
  }
}
