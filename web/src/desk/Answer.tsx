// Answering for an alert: a name, a remark, one key.

import { useId, useState } from "preact/hooks";
import type { AlertView } from "../contract/AlertView";
import { Refused } from "../core/persist";
import { texts } from "../texts";
import { acknowledge } from "./detail";
import type { DeskState } from "./state";

/** The id by which the keyboard finds the button. */
export const ACKNOWLEDGE = "acknowledge";

/** Why the server did not take it, by its status; 0 is no answer at all. */
function why(status: number): string {
  const { refused } = texts.value;
  if (status === 0) return refused.silent;
  if (status === 401 || status === 403) return refused.forbidden;
  if (status === 404) return refused.unknown;
  if (status === 409) return refused.over;
  if (status === 413 || status === 429) return refused.tooMuch;
  return status < 500 ? refused.wrong : refused.trouble;
}

/** The form while nobody answers. */
export function Answer({ state, alert }: { state: DeskState; alert: AlertView }) {
  const say = texts.value.desk;
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<number | null>(null);
  const [byId, noteId] = [useId(), useId()];
  const officer = state.officer.value;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFailed(null);
    try {
      await acknowledge(alert.id, officer.trim(), note.trim());
    } catch (error) {
      setFailed(error instanceof Refused ? error.status : 0);
    }
    setBusy(false);
  };
  return (
    <form class="answer" onSubmit={(event) => void submit(event)}>
      <label for={byId}>{say.byLabel}</label>
      <input
        id={byId}
        required
        maxLength={60}
        autoComplete="name"
        placeholder={say.by}
        value={officer}
        onInput={(event) => state.sign(event.currentTarget.value)}
      />
      <label for={noteId}>{say.note}</label>
      <input id={noteId} maxLength={500} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      <button id={ACKNOWLEDGE} type="submit" disabled={busy}>
        {busy ? say.acknowledging : say.acknowledge}
      </button>
      {failed !== null && <p role="alert">{say.failed(why(failed))}</p>}
    </form>
  );
}
