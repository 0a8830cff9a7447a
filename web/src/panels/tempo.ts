// How many times faster than life the server's clock goes, from the times it tells. Pure.

/** So many seconds are judged by. */
const JUDGED = 12;
/** No demonstration is watched at such a rate: the clock is catching up. */
const FASTEST = 10_000;
/** Fewer say too little. */
const FEWEST = 4;

/** The tempo of a clock. */
export class Tempo {
  private readonly heard: { here: number; there: number }[] = [];

  /**
   * Hears that the server's clock shows `there` at the page's time `here`, both ms: gives
   * how many times faster than life it goes, as a person would say it; 1 for a clock of
   * life, or one that stands or leaps.
   */
  hear(here: number, there: number): number {
    this.heard.push({ here, there });
    if (this.heard.length > JUDGED) this.heard.shift();
    if (this.heard.length < FEWEST) return 1;
    const steps = this.heard.slice(1).map((after, at) => {
      const before = this.heard[at]!;
      return { here: Math.max(after.here - before.here, 1), there: after.there - before.there };
    });
    // A leap, or a pause, is not the tempo.
    const usual = steps.sort((a, b) => a.there / a.here - b.there / b.here).slice(1, -1);
    const sum = (of: "here" | "there") => usual.reduce((all, step) => all + step[of], 0);
    const rate = sum("there") / Math.max(sum("here"), 1);
    if (rate < 1.5 || rate > FASTEST) return 1;
    if (rate < 10) return Math.round(rate);
    return rate < 100 ? Math.round(rate / 5) * 5 : Number(rate.toPrecision(2));
  }
}
