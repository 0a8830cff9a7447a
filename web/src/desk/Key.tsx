// The key to the desk's map, which can be folded away and stays so.

import type { Region } from "../core/region";
import { Legend } from "../panels/Legend";
import { texts } from "../texts";

const KEY = "pilin.key";

function folded(): boolean {
  try {
    return localStorage.getItem(KEY) === "folded";
  } catch {
    return false; // storage may be forbidden
  }
}

function remember(open: boolean): void {
  try {
    localStorage.setItem(KEY, open ? "open" : "folded");
  } catch {
    // Then it holds until the page is loaded again.
  }
}

export function Key({ region }: { region: Region }) {
  return (
    <details class="key" open={!folded()} onToggle={(event) => remember(event.currentTarget.open)}>
      <summary>{texts.value.map.legend}</summary>
      <Legend region={region} />
    </details>
  );
}
