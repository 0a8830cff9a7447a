// Another build of the server brings other pages: the page begins anew, but calmly.

/** The wall and the desks of a centre do not all come at once, ms. */
const SPREAD_MS = 10_000;
/** Servers of two builds behind one address make no page blink: once in so long, ms. */
const LEAST_MS = 3_600_000;
/** How often somebody who is writing is waited for, ms. */
const BUSY_MS = 15_000;
const KEY = "pilin.renewed";

/** What it needs of its surroundings; tests bring their own. */
export interface Surroundings {
  /** ms since 1970. */
  now(): number;
  /** From 0 to below 1. */
  chance(): number;
  /** When a page last began anew in this window, ms since 1970. */
  last(): number;
  remember(at: number): void;
  /** Whether somebody is writing. */
  busy(): boolean;
}

const here: Surroundings = {
  now: () => Date.now(),
  chance: () => Math.random(),
  last() {
    try {
      return Number(sessionStorage.getItem(KEY));
    } catch {
      return 0; // storage may be forbidden
    }
  },
  remember(at) {
    try {
      sessionStorage.setItem(KEY, String(at));
    } catch {
      // Then it may begin anew more often.
    }
  },
  busy() {
    const field = document.activeElement;
    return field instanceof HTMLInputElement && field.value !== "";
  },
};

/** A wish to begin anew; it is granted once. */
export class Renewal {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly begin: () => void,
    private readonly around: Surroundings = here,
  ) {}

  /** There is another build. */
  wish(): void {
    const { now, chance, last } = this.around;
    // A clock that was set back since does not put it off for longer.
    const early = Math.min(LEAST_MS, Math.max(0, last() + LEAST_MS - now()));
    this.timer ??= setTimeout(() => this.grant(), early + chance() * SPREAD_MS);
  }

  /** The build is this page's own again, or the page is over. */
  cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private grant(): void {
    if (this.around.busy()) {
      this.timer = setTimeout(() => this.grant(), BUSY_MS);
      return;
    }
    this.around.remember(this.around.now());
    this.begin();
  }
}
