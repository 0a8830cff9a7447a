// What sentences are made of.

import type { Level } from "../contract/openapi";

/** The facts of an alert, named in the language of the sentence. */
export interface Facts {
  /** The rule's live window, whole hours. */
  hours: number;
  /** The sides with members, those of the border first; `place` is where most of them lie. */
  sides: readonly { name: string; place?: string; members: number }[];
  /** Names of the matters, most frequent first. */
  matters: readonly string[];
  /** Whose border it is. */
  level: Level;
  /** From the border to the nearest core, metres. */
  distance_m: number;
}

/** A span of time, whole. */
export interface Span {
  days: number;
  hours: number;
  minutes: number;
}
