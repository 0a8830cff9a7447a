// How old is what the page shows?

/** `waiting` before anything came; then `live`, `late` (amber), `stopped` (red). */
export type Freshness = "waiting" | "live" | "late" | "stopped";

/** Key figures come once a second: five missed are noticed, fifteen said aloud. */
export const LATE_MS = 5_000;
export const STOPPED_MS = 15_000;

/** Judges by how long ago the server last could store what came in, ms; `null` for never heard. */
export function freshness(age: number | null): Freshness {
  if (age === null) return "waiting";
  if (age >= STOPPED_MS) return "stopped";
  return age >= LATE_MS ? "late" : "live";
}
