// Answering for a situation: a remark, Ctrl+Enter, and a name where nobody signs in.

import { useId, useState } from "preact/hooks";
import type { Refused } from "../core/persist";
import { asBefore, useAct } from "../panels/act";
import { texts } from "../texts";
import { focusEntry } from "./Inbox";
import { waits, type Situation } from "../core/situations";
import type { DeskState } from "./state";

/** The id by which the keyboard finds the form. */
export const ANSWER = "answer";

/** Why the server did not take it; a status of 0 is no answer at all. */
export function why(failed: Refused): string {
  const { refused } = texts.value;
  const { status } = failed;
  if (status === 0) return refused.silent;
  if (status === 401 || status === 403) return refused.forbidden;
  if (status === 404) return refused.unknown;
  if (status === 409) return asBefore(failed) ?? refused.over;
  if (status === 413 || status === 429) return refused.tooMuch;
  return status < 500 ? refused.wrong : refused.trouble;
}

/** The form while nobody answers. Who is no party, or may not, has no button. */
export function Answer({ state, situation }: { state: DeskState; situation: Situation }) {
  const say = texts.value.desk;
  const [note, setNote] = useState("");
  const { busy, failed, run } = useAct();
  const [byId, noteId] = [useId(), useId()];
  const session = state.visitor.value;
  if (!session) return null;
  const own = situation.alerts.filter((alert) => waits(alert) && state.involves(alert));
  if (own.length === 0) return <p class="informed">{say.informed}</p>;
  if (!session.rights.includes("acknowledge")) return <p class="informed">{say.mayNot}</p>;
  const officer = session.open ? state.officer.value : undefined;
  const submit = (event: Event) => {
    event.preventDefault();
    if (busy) return;
    void run(async () => {
      await state.sign(situation, note.trim());
      focusEntry(state);
    });
  };
  // Enter in the name's field goes on to the remark: one key signs nothing.
  const onward = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    document.getElementById(noteId)?.focus();
  };
  return (
    <form class="answer" id={ANSWER} onSubmit={submit}>
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
            onKeyDown={onward}
            onInput={(event) => state.name(event.currentTarget.value)}
          />
        </>
      )}
      <label for={noteId}>{say.note}</label>
      <textarea id={noteId} rows={2} maxLength={500} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      <button type="submit" aria-disabled={busy} aria-keyshortcuts="Control+Enter">
        {busy ? say.acknowledging : own.length > 1 ? say.acknowledgeAll(own.length) : say.acknowledge}
      </button>
      {failed && <p role="alert">{say.failed(why(failed))}</p>}
    </form>
  );
}
