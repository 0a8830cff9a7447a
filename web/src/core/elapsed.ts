// How long ago was something, by two clocks: one that nobody can set but that may stand
// still while the machine sleeps, and one that runs on in its sleep but can be set.

/** The page's two clocks, ms. */
export interface Clocks {
  /** Never set: `performance.now()`. */
  steady(): number;
  /** May be set, by people and by the network: `Date.now()`. */
  calendar(): number;
}

/** An instant by both clocks. */
export interface Instant {
  readonly steady: number;
  readonly calendar: number;
}

export const pageClocks: Clocks = { steady: () => performance.now(), calendar: () => Date.now() };

/** The present instant. */
export function instant(clocks: Clocks): Instant {
  return { steady: clocks.steady(), calendar: clocks.calendar() };
}

/** How long ago it was, ms: the larger of what the clocks say, so that nothing old passes for new. */
export function since(then: Instant, clocks: Clocks): number {
  return Math.max(0, clocks.steady() - then.steady, clocks.calendar() - then.calendar);
}
