// The line's badge: live, late, or since when there is nothing new; or that the server's
// clock is doubted, which is told as long as nothing worse is.

import type { ReadonlySignal } from "@preact/signals";
import { clockTime } from "../core/clock";
import type { Link } from "../core/connection";
import { mapHopeless, mapMissing } from "../map/rebuild";
import { texts } from "../texts";

/** How the line is, in a word and a colour. */
export function Badge({ link, timeZone }: { link: ReadonlySignal<Link>; timeZone: string }) {
  const { fresh, at, silent_s, doubted } = link.value;
  const say = texts.value.link;
  const noMap = mapHopeless.value ? say.mapHopeless : say.noMap;
  if (doubted && fresh === "live") {
    return (
      <output class="badge late" role="status" title={say.doubtedMore}>
        <i />
        {mapMissing.value ? `${say.doubted} · ${noMap}` : say.doubted}
      </output>
    );
  }
  const line = fresh === "stopped" ? say.stopped(at === null ? "--:--:--" : clockTime(at, timeZone)) : say[fresh];
  // Without its map a page is not in order, whatever its line is.
  const text = !mapMissing.value ? line : fresh === "live" ? noMap : `${line} · ${noMap}`;
  return (
    <output class={`badge ${mapMissing.value && fresh === "live" ? "late" : fresh}`} role="status">
      <i />
      {text}
      {/* Counts aloud for the eye alone: nobody wants to be told every second. */}
      {fresh === "stopped" && <span aria-hidden="true">{say.lasting(silent_s)}</span>}
    </output>
  );
}
