// Answering for an alert: a remark, one key, and a name where nobody signs in.

import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AlertView } from "../contract/openapi";
import type { Refused } from "../core/persist";
import { asBefore, useAct } from "../panels/act";
import { texts } from "../texts";
import { acknowledge } from "./detail";
import { entryOf } from "./Inbox";
import type { DeskState } from "./state";

/** The id by which the keyboard finds the button. */
export const ACKNOWLEDGE = "acknowledge";

/** Why the server did not take it; a status of 0 is no answer at all. */
function why(failed: Refused): string {
  const { refused } = texts.value;
  const { status } = failed;
  if (status === 0) return refused.silent;
  if (status === 401 || status === 403) return refused.forbidden;
  if (status === 404) return refused.unknown;
  if (status === 409) return asBefore(failed) ?? refused.over;
  if (status === 413 || status === 429) return refused.tooMuch;
  return status < 500 ? refused.wrong : refused.trouble;
}

/** The form while nobody answers. */
export function Answer({ state, alert }: { state: DeskState; alert: AlertView }) {
  const say = texts.value.desk;
  const [note, setNote] = useState("");
  const { busy, failed, run } = useAct();
  const [byId, noteId] = [useId(), useId()];
  const form = useRef<HTMLFormElement>(null);
  // Once it is answered for, the focus goes back to where the keyboard came from.
  useLayoutEffect(() => () => {
    if (form.current?.contains(document.activeElement)) document.getElementById(entryOf(alert.id))?.focus();
  }, [alert.id]);
  const session = state.visitor.value;
  if (!session) return null;
  if (!session.rights.includes("acknowledge")) return <p class="quiet">{say.mayNot}</p>;
  const officer = session.open ? state.officer.value : undefined;
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy) return;
    void run(() => acknowledge(alert.id, officer?.trim(), note.trim()));
  };
  return (
    <form class="answer" ref={form} onSubmit={submit}>
      {officer !== undefined && (
        <>
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
        </>
      )}
      <label for={noteId}>{say.note}</label>
      <input id={noteId} maxLength={500} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      <button id={ACKNOWLEDGE} type="submit" aria-disabled={busy}>
        {busy ? say.acknowledging : say.acknowledge}
      </button>
      {failed && <p role="alert">{say.failed(why(failed))}</p>}
    </form>
  );
}
