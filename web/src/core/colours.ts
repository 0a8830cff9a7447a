// Which colour each party has. With more parties than colours some share one; those
// whose figures are shown side by side never do.

import type { StatsFrame } from "../contract/openapi";

/** So many colours there are (map/palette.ts). */
export const COLOURS = 8;

/** So many rows of parties stand side by side at most. */
export const SIDE_BY_SIDE = 4;

/** Whose figures are shown side by side: those with most incidents, and the first with units. */
export function together({ by_jurisdiction, units_by_jurisdiction }: StatsFrame): string[] {
  const codes = (of: Record<string, number>) => Object.keys(of).sort();
  const most = codes(by_jurisdiction).sort((a, b) => by_jurisdiction[b]! - by_jurisdiction[a]!);
  return [...most.slice(0, SIDE_BY_SIDE), ...codes(units_by_jurisdiction).slice(0, SIDE_BY_SIDE)];
}

/** The parties' colours by number; they change only when they must. */
export class Colours {
  private readonly of: number[];

  constructor(parties: number) {
    this.of = Array.from({ length: parties }, (_, party) => party % COLOURS);
  }

  /** The colour of a party; -1 for none. */
  at(party: number): number {
    return this.of[party] ?? -1;
  }

  /** Gives these parties a colour each, the first of them its own; says whether any changed. */
  part(shown: readonly number[]): boolean {
    const taken = new Set<number>();
    let changed = false;
    for (const party of [...new Set(shown)].slice(0, COLOURS)) {
      if (taken.has(this.at(party))) {
        const others = new Set(shown.map((one) => this.at(one)));
        const free = Array.from({ length: COLOURS }, (_, colour) => colour).find((colour) => !others.has(colour) && !taken.has(colour));
        if (free === undefined) continue;
        this.of[party] = free;
        changed = true;
      }
      taken.add(this.at(party));
    }
    return changed;
  }
}
