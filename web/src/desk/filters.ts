// What the duty officer wants to see. Pure: conditions in, rows out.

import type { AlertView } from "../contract/openapi";
import type { Incidents } from "../core/incidents";
import type { Region } from "../core/region";
import { stands } from "../core/world";

/** The conditions; an empty text is no condition. */
export interface Filters {
  /** A matter's code. */
  matter: string;
  /** Code of a jurisdiction of the region's level. */
  party: string;
  /** Hours back; 0 for the whole window. */
  hours: number;
  state: "standing" | "ended" | "all";
  /** Those that the visitor's agency takes part in, or all that it sees. */
  scope: "own" | "all";
}

/** Nothing left out but what has ended. */
export const OPEN: Filters = { matter: "", party: "", hours: 0, state: "standing", scope: "own" };

const HOUR = 3_600_000;

/** Whether an alert is wanted at the server's time `now`. */
export function wants(alert: AlertView, filters: Filters, region: Region, now: number): boolean {
  return (
    (filters.state === "all" || stands(alert) === (filters.state === "standing")) &&
    (!filters.party || alert.sides.some((side) => region.at(side.code, region.view.level)?.code === filters.party)) &&
    (!filters.matter || alert.matters.some(([code]) => code === filters.matter)) &&
    (filters.hours === 0 || alert.updated_at >= now - filters.hours * HOUR)
  );
}

/** Which rows of incidents are wanted at `now`; `undefined` when all are. */
export function wanted(
  incidents: Incidents,
  filters: Filters,
  region: Region,
  now: number,
): ((index: number) => boolean) | undefined {
  if (!filters.matter && !filters.party && filters.hours === 0) return undefined;
  const since = filters.hours === 0 ? -Infinity : now - filters.hours * HOUR;
  // Asked once for each text, not once for each of fifty thousand rows.
  const matterFits = memo((number) => !filters.matter || incidents.matters.text(number) === filters.matter);
  const placeFits = memo((number) => {
    if (!filters.party) return true;
    return region.at(incidents.places.text(number), region.view.level)?.code === filters.party;
  });
  return (index) =>
    incidents.at[index]! >= since && matterFits(incidents.matter[index]!) && placeFits(incidents.place[index]!);
}

function memo(fits: (number: number) => boolean): (number: number) => boolean {
  const known: boolean[] = [];
  return (number) => (known[number] ??= fits(number));
}
