// What the duty officer has chosen and set.

import { computed, effect, signal } from "@preact/signals";
import type { AlertView, SessionView } from "../contract/openapi";
import type { Live } from "../core/live";
import { Refused } from "../core/persist";
import { waits, type Situation } from "../core/situations";
import type { Chart } from "../map/chart";
import { extent, type Point } from "../map/hull";
import type { Visitor } from "../panels/begin";
import { Opened } from "./attention";
import { alertIn } from "./address";
import { acknowledge, withdraw } from "./detail";
import { OPEN, wants, type Filters } from "./filters";
import { recall, remember } from "./memory";

/** Nearer the map does not go by itself. */
export const CLOSEST = 13;

/** How long a signature can be taken back, ms by the server's clock. */
export const WITHDRAW_MS = 30_000;

/** A signature that can still be taken back. */
export interface Signed {
  /** The alerts that were signed, the one that was looked at first. */
  ids: readonly number[];
  /** When, by the server's clock, ms since 1970. */
  at: number;
}

/** Whether an alert is an affair of the visitor's agency. */
export function involves(alert: AlertView, session: SessionView | null): boolean {
  const code = session?.agency?.code;
  return code === undefined || alert.parties.includes(code);
}

/** The desk's own state, beside the picture. */
export class DeskState {
  readonly filters = signal<Filters>(OPEN);
  /** The alert that is open. */
  readonly chosen = signal<number | null>(alertIn(location.hash));
  /** The name to acknowledge by where nobody signs in. */
  readonly officer = signal(recall("officer") ?? "");
  /** Whether single letters are commands. */
  readonly letters = signal(recall("letters") !== "off");
  /** The map, while there is one. */
  readonly map = signal<Chart | null>(null);
  /** What was signed last, while it can be taken back. */
  readonly signed = signal<Signed | null>(null);
  /** Those that match the filters. */
  readonly inbox;
  /** Those that the agency takes part in and that nobody has opened here. */
  readonly fresh;
  /** Those that wait for the visitor's agency. */
  readonly waiting;
  /** The situation of the chosen alert. */
  readonly open;
  /** One alert of each situation of the inbox, for the map: the chosen one, or the lead. */
  readonly shown;
  private readonly opened = signal({ since: Opened.from(recall("opened")) });

  constructor(
    readonly live: Live,
    readonly visitor: Visitor,
  ) {
    this.inbox = computed(() => {
      const region = live.region.value;
      const filters = this.filters.value;
      const fits = (alert: AlertView) =>
        wants(alert, filters, region, live.world.at) && (filters.scope === "all" || this.involves(alert));
      return live.situations.value.filter(({ alerts }) => alerts.some(fits));
    });
    this.fresh = computed(() => {
      const { since } = this.opened.value;
      return live.situations.value.filter(({ alerts }) => alerts.some((alert) => since.isNew(alert) && this.involves(alert)));
    });
    this.waiting = computed(() => live.situations.value.filter((one) => this.waitsHere(one)));
    this.open = computed(() => {
      const id = this.chosen.value;
      return id === null ? undefined : live.situations.value.find(({ alerts }) => alerts.some((alert) => alert.id === id));
    });
    this.shown = computed(() => {
      const id = this.chosen.value;
      return this.inbox.value.map(({ lead, alerts }) => alerts.find((alert) => alert.id === id) ?? lead);
    });
  }

  /** Keeps note of what is opened; until the returned function is called. */
  keepNote(): () => void {
    return effect(() => {
      const { since } = this.opened.peek();
      // Not only one of them: each must be told.
      const news = (this.open.value?.alerts ?? []).map((alert) => since.open(alert));
      if (!news.includes(true)) return;
      remember("opened", since.text);
      this.opened.value = { since };
    });
  }

  involves(alert: AlertView): boolean {
    return involves(alert, this.visitor.value);
  }

  /** Whether the visitor's agency has to answer for any of a situation's alerts. */
  private waitsHere({ alerts }: Situation): boolean {
    return alerts.some((alert) => waits(alert) && this.involves(alert));
  }

  /** Whether an alert is new at this browser. */
  isNew(alert: AlertView): boolean {
    return this.opened.value.since.isNew(alert) && this.involves(alert);
  }

  set<K extends keyof Filters>(key: K, value: Filters[K]): void {
    this.filters.value = { ...this.filters.peek(), [key]: value };
  }

  /** Remembers by which name the officer signs. */
  name(name: string): void {
    this.officer.value = name;
    remember("officer", name);
  }

  useLetters(on: boolean): void {
    this.letters.value = on;
    remember("letters", on ? "on" : "off");
  }

  /** Shows every alert of the inbox on the map; home where there is none. */
  seeAll(): void {
    const centers = this.shown.peek().map(({ center }) => center as Point);
    if (centers.length === 0) return this.map.peek()?.home();
    const [west, south, east, north] = extent(centers);
    this.map.peek()?.visit([west, south, east, north], 900, CLOSEST);
  }

  /** Chooses the first situation that is new, whatever the filters leave out. */
  chooseFresh(): number | null {
    const shown = this.inbox.peek();
    const fresh = this.fresh.peek();
    const first = fresh.find((one) => shown.includes(one));
    if (!first) this.filters.value = OPEN;
    return this.choose(first ?? fresh[0]);
  }

  /**
   * Chooses the situation `by` places further down the inbox, among those that wait or,
   * with `all` or where none waits, among all; `null` when there is none.
   */
  step(by: number, all: boolean): number | null {
    const shown = this.inbox.peek();
    const waiting = shown.filter((one) => this.waitsHere(one));
    const among = all || waiting.length === 0 ? shown : waiting;
    const at = among.indexOf(this.open.peek()!);
    if (at < 0) return this.choose(among.at(by > 0 ? 0 : -1));
    const next = at + by;
    // Those that wait are gone through round and round.
    return this.choose(among[among === waiting ? (next + among.length) % among.length : Math.min(Math.max(next, 0), among.length - 1)]);
  }

  /**
   * Signs for all alerts of a situation that wait, and goes to the next that does.
   * Gives the alert chosen then, or the refusal.
   */
  async sign(situation: Situation, note: string): Promise<void> {
    const officer = this.visitor.peek()?.open ? this.officer.peek().trim() : undefined;
    const waiting = situation.alerts.filter((alert) => waits(alert) && this.involves(alert));
    const order = this.inbox.peek();
    const signed: number[] = [];
    let at = 0;
    let refused: Refused | undefined;
    for (const { id } of waiting) {
      try {
        const alert = await acknowledge(id, officer, note);
        signed.push(id);
        at = Math.max(at, alert.acknowledged?.at ?? 0);
      } catch (error) {
        refused ??= Refused.of(error);
      }
    }
    if (signed.length > 0) this.signed.value = { ids: signed, at };
    // What ended meanwhile needs nobody; anything else is told, and tried again.
    if (refused && (signed.length === 0 || refused.status !== 409)) throw refused;
    this.goOn(order, situation);
  }

  /** Takes the last signature back, and opens what was signed. */
  async takeBack({ ids }: Signed): Promise<void> {
    for (const id of ids) await withdraw(id);
    this.signed.value = null;
    this.chosen.value = ids[0]!;
  }

  private goOn(order: readonly Situation[], done: Situation): void {
    const here = order.findIndex(({ lead }) => lead.id === done.lead.id);
    const after = [...order.slice(here + 1), ...order.slice(0, Math.max(here, 0))];
    const gone = new Set(done.alerts.map((alert) => alert.id));
    const next = after.find((one) => one.alerts.some((alert) => waits(alert) && this.involves(alert) && !gone.has(alert.id)));
    if (next) this.choose(next);
  }

  private choose(situation: Situation | undefined): number | null {
    if (!situation) return null;
    return (this.chosen.value = situation.lead.id);
  }
}
