// The desk by keyboard: up and down through the inbox, A to acknowledge, Esc to close.

import { ACKNOWLEDGE } from "./Answer";
import { entryOf } from "./Inbox";
import type { DeskState } from "./state";

/** Listens until the returned function is called. */
export function listen(state: DeskState): () => void {
  const pressed = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      if (target.matches("input, select")) target.blur();
      else state.chosen.value = null;
      return;
    }
    if (target.matches("input, select, textarea")) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      // On the map the arrows move the map.
      if (target.closest(".map")) return;
      event.preventDefault();
      const id = state.step(event.key === "ArrowDown" ? 1 : -1);
      // The focus goes along, so that a screen reader says what was chosen.
      if (id !== null) document.getElementById(entryOf(id))?.focus();
    } else if (event.key === "a" || event.key === "A") {
      const button = document.getElementById(ACKNOWLEDGE) as HTMLButtonElement | null;
      event.preventDefault();
      // Where a name is asked for and missing, the browser puts the cursor into the field that wants it.
      button?.form?.requestSubmit(button);
    }
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}
