// Answering for an alert: a name, a remark, one key.

import { useId, useState } from "preact/hooks";
import type { AlertView } from "../contract/AlertView";
import { texts } from "../texts";
import { acknowledge } from "./detail";
import type { DeskState } from "./state";

/** The id by which the keyboard finds the button. */
export const ACKNOWLEDGE = "acknowledge";

/** The form while nobody answers. */
export function Answer({ state, alert }: { state: DeskState; alert: AlertView }) {
  const say = texts.value.desk;
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const [byId, noteId] = [useId(), useId()];
  const officer = state.officer.value;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFailed("");
    try {
      await acknowledge(alert.id, officer.trim(), note.trim());
    } catch (error) {
      setFailed(say.failed(error instanceof Error ? error.message : String(error)));
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
      {failed && <p role="alert">{failed}</p>}
    </form>
  );
}
