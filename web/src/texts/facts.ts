// What the sentence that explains an alert is made of.

/** The facts of an alert, named in the language of the sentence. */
export interface Facts {
  /** The rule's live window, whole hours. */
  hours: number;
  /** The sides with members, most members first. */
  sides: readonly { name: string; members: number }[];
  /** Names of the matters, most frequent first. */
  matters: readonly string[];
  /** From the border to the nearest core, metres. */
  distance_m: number;
}
