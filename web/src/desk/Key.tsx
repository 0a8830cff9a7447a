// The key to the desk's map, which can be folded away and stays so.

import type { Region } from "../core/region";
import { Legend } from "../panels/Legend";
import { texts } from "../texts";
import { recall, remember } from "./memory";

/** Where the map has little room for it, the key begins folded, px. */
const NARROW = 1600;

export function Key({ region }: { region: Region }) {
  return (
    <details class="key" open={recall("key") !== "folded" && innerWidth > NARROW} onToggle={(event) => remember("key", event.currentTarget.open ? "open" : "folded")}>
      <summary>{texts.value.map.legend}</summary>
      <Legend region={region} />
    </details>
  );
}
