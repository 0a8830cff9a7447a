// Something that is done at a server: under way, done, or refused.

import { useState } from "preact/hooks";
import { Refused } from "../core/persist";
import { texts } from "../texts";

/** What is known of it. */
export interface Act {
  busy: boolean;
  /** Why it was refused the last time. */
  failed: Refused | null;
  /** Does it; what comes after success belongs into it. */
  run(act: () => Promise<unknown>): Promise<void>;
}

/** An act of a form or a button. */
export function useAct(): Act {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Refused | null>(null);
  const run = async (act: () => Promise<unknown>) => {
    setBusy(true);
    setFailed(null);
    try {
      await act();
    } catch (error) {
      setFailed(Refused.of(error));
    }
    setBusy(false);
  };
  return { busy, failed, run };
}

/** What became of an act that was asked for twice, if it was refused for that. */
export function asBefore({ kind }: Refused): string | undefined {
  const { refused } = texts.value;
  return kind === "done-before" ? refused.doneBefore : kind === "under-way" ? refused.underWay : undefined;
}
