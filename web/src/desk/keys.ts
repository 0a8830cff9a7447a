// The desk by keyboard: up and down through what waits (with Shift through all), A to
// fill in the signature, Ctrl+Enter to sign, Esc to close, H to see the map's home again.

import { ANSWER } from "./Answer";
import { focusEntry } from "./Inbox";
import type { DeskState } from "./state";

const FIELDS = "input, select, textarea";

function form(): HTMLFormElement | null {
  return document.getElementById(ANSWER) as HTMLFormElement | null;
}

/** Puts the cursor into the form, into the first field that must be filled in and is not. */
function fillIn(state: DeskState): void {
  if (!state.open.peek()) state.step(1, false);
  // The drawer may be drawn just now.
  setTimeout(() => {
    const fields = [...(form()?.elements ?? [])] as HTMLInputElement[];
    const missing = fields.find((field) => field.required && !field.value);
    (missing ?? fields.find((field) => field.matches("textarea")))?.focus();
  });
}

/** Listens until the returned function is called. */
export function listen(state: DeskState): () => void {
  const pressed = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      // Where a name is asked for and missing, the browser puts the cursor into the field that wants it.
      form()?.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (target.matches(FIELDS)) focusEntry(state);
      else state.chosen.value = null;
      return;
    }
    if (target.matches(FIELDS)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      // On the map the arrows move the map.
      if (target.closest(".map")) return;
      event.preventDefault();
      // The focus goes along, so that a screen reader says what was chosen.
      if (state.step(event.key === "ArrowDown" ? 1 : -1, event.shiftKey) !== null) focusEntry(state);
      return;
    }
    if (!state.letters.peek()) return;
    const letter = event.key.toLowerCase();
    if (letter === "a") {
      event.preventDefault();
      fillIn(state);
    } else if (letter === "h") {
      event.preventDefault();
      state.map.peek()?.home();
    }
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}
