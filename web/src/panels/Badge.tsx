// The line's badge: live, late, or since when there is nothing new; or that the server's
// clock is doubted, which is told as long as nothing worse is.

import type { ReadonlySignal } from "@preact/signals";
import { clockTime } from "../core/clock";
import type { Link } from "../core/connection";
import { texts } from "../texts";

/** How the line is, in a word and a colour. */
export function Badge({ link, timeZone }: { link: ReadonlySignal<Link>; timeZone: string }) {
  const { fresh, at, doubted } = link.value;
  const say = texts.value.link;
  if (doubted && fresh === "live") {
    return (
      <output class="badge late" role="status" title={say.doubtedMore}>
        <i />
        {say.doubted}
      </output>
    );
  }
  const text = fresh === "stopped" ? say.stopped(at === null ? "--:--:--" : clockTime(at, timeZone)) : say[fresh];
  return (
    <output class={`badge ${fresh}`} role="status">
      <i />
      {text}
    </output>
  );
}
