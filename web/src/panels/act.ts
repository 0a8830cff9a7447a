// Something that is done at a server: under way, done, or refused.

import { useState } from "preact/hooks";
import { Refused } from "../core/persist";

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
