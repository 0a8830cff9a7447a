// Keeps a map on the page. A browser takes WebGL away when its graphics process crashed,
// when the machine slept or when too many pages draw at once, and does not always give it
// back: then the map is made anew, after growing waits, for as long as the page lives.

import { signal } from "@preact/signals";

/** The wait before the first new map, and the longest between two tries, ms. */
const FIRST_MS = 250;
const LONGEST_MS = 30_000;
/** A map that has lived for so long was a good one: the next loss begins at the first wait, ms. */
const STEADY_MS = 60_000;
/** How often it is looked whether the map still draws: not every loss is told, ms. */
const LOOK_MS = 5_000;

/** After so long without a map the browser has most likely given WebGL up for good, ms. */
const HOPELESS_MS = 300_000;

/** Whether the page should have a map and has none just now. */
export const mapMissing = signal(false);
/** Whether it has had none for so long that somebody must restart the browser. */
export const mapHopeless = signal(false);

/** A map that was made. */
export interface Drawn {
  /** Whether its WebGL context is gone. */
  readonly lost: boolean;
  remove(): void;
}

/** What it needs of its surroundings; tests bring their own. */
export interface Surroundings {
  /** Whether nobody can see the page: then it takes no context from one that is seen. */
  hidden(): boolean;
  /** Calls back whenever that may have changed; returns how to stop it. */
  onVisible(call: () => void): () => void;
}

const here: Surroundings = {
  hidden: () => document.hidden,
  onVisible(call) {
    document.addEventListener("visibilitychange", call);
    return () => document.removeEventListener("visibilitychange", call);
  },
};

/** One map of the page, made by `make` as often as it must be until {@link close}. */
export class MapKeeper {
  private drawn: Drawn | undefined;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private steady: ReturnType<typeof setTimeout> | undefined;
  private hoping: ReturnType<typeof setTimeout> | undefined;
  private readonly looks: ReturnType<typeof setInterval>;
  private readonly unlisten: () => void;
  /** How often in a row a map was lost or could not be made. */
  private losses = 0;
  private closed = false;

  constructor(
    /** Makes the map; may throw. `lost` is to be called when its context is gone. */
    private readonly make: (lost: () => void) => Drawn,
    private readonly around: Surroundings = here,
  ) {
    this.unlisten = around.onVisible(() => this.seen());
    this.looks = setInterval(() => this.drawn?.lost && this.lose(this.drawn), LOOK_MS);
    this.build();
  }

  /** Takes the map away for good. */
  close(): void {
    this.closed = true;
    clearInterval(this.looks);
    clearTimeout(this.waiting);
    clearTimeout(this.steady);
    this.unlisten();
    const { drawn } = this;
    this.drawn = undefined;
    this.found();
    drawn?.remove();
  }

  private build(): void {
    this.waiting = undefined;
    if (this.closed || this.drawn || this.around.hidden()) return;
    let made: Drawn | undefined;
    let early = false;
    try {
      made = this.make(() => {
        if (made) this.lose(made);
        else early = true;
      });
    } catch (error) {
      console.warn("the map could not be made", error);
      return this.again();
    }
    this.drawn = made;
    if (early || made.lost) return this.lose(made);
    this.found();
    this.steady = setTimeout(() => (this.losses = 0), STEADY_MS);
  }

  private lose(drawn: Drawn): void {
    if (this.drawn !== drawn) return;
    this.drawn = undefined;
    clearTimeout(this.steady);
    try {
      drawn.remove();
    } catch (error) {
      // A map without a context may not come apart cleanly; the next one shares nothing with it.
      console.warn("the lost map could not be removed", error);
    }
    this.again();
  }

  /** There is a map again, or none is wanted any more. */
  private found(): void {
    clearTimeout(this.hoping);
    this.hoping = undefined;
    mapMissing.value = mapHopeless.value = false;
  }

  private again(): void {
    if (this.closed) return;
    mapMissing.value = true;
    this.hoping ??= setTimeout(() => (mapHopeless.value = true), HOPELESS_MS);
    const wait = Math.min(FIRST_MS * 2 ** this.losses++, LONGEST_MS);
    this.waiting = setTimeout(() => this.build(), wait);
  }

  /** Whoever comes back to a page without a map need not wait for it. */
  private seen(): void {
    if (this.closed || this.drawn || this.waiting !== undefined || this.around.hidden()) return;
    this.build();
  }
}
