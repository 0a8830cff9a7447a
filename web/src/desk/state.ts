// What the duty officer has chosen and set.

import { computed, signal } from "@preact/signals";
import type { Live } from "../core/live";
import type { Visitor } from "../panels/begin";
import { OPEN, wants, type Filters } from "./filters";

const KEY = "pilin.officer";

function remembered(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // storage may be forbidden
  }
}

/** The desk's own state, beside the picture. */
export class DeskState {
  readonly filters = signal<Filters>(OPEN);
  /** The alert that is open. */
  readonly chosen = signal<number | null>(null);
  /** The name to acknowledge by where nobody signs in. */
  readonly officer = signal(remembered());
  readonly inbox;

  constructor(
    readonly live: Live,
    readonly visitor: Visitor,
  ) {
    this.inbox = computed(() => {
      const region = live.region.value;
      const filters = this.filters.value;
      return live.alerts.value.filter((alert) => wants(alert, filters, region, live.world.at));
    });
  }

  set<K extends keyof Filters>(key: K, value: Filters[K]): void {
    this.filters.value = { ...this.filters.peek(), [key]: value };
  }

  sign(name: string): void {
    this.officer.value = name;
    try {
      localStorage.setItem(KEY, name);
    } catch {
      // Then it holds until the page is loaded again.
    }
  }

  /** Chooses the alert `by` places further down the inbox; `null` when it is empty. */
  step(by: number): number | null {
    const ids = this.inbox.peek().map((alert) => alert.id);
    if (ids.length === 0) return null;
    const at = ids.indexOf(this.chosen.peek() ?? -1);
    const next = at < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.min(Math.max(at + by, 0), ids.length - 1);
    return (this.chosen.value = ids[next]!);
  }
}
