// How long an alert may wait for a signature. Pure.

/** Within these times an alert is signed, by the duty rules; after each it is pointed at anew, ms. */
export const LATE_MS = 5 * 60_000;
export const OVERDUE_MS = 15 * 60_000;

/** `due` within the first five minutes, then `late`, after fifteen `overdue`. */
export type Lateness = "due" | "late" | "overdue";

/** How late a signature is after it was waited for `ms`. */
export function lateness(ms: number): Lateness {
  if (ms >= OVERDUE_MS) return "overdue";
  return ms >= LATE_MS ? "late" : "due";
}
