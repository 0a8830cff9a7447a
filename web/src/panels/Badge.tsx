// The line's badge: live, late, or since when there is nothing new.

import type { ReadonlySignal } from "@preact/signals";
import { clockTime } from "../core/clock";
import type { Link } from "../core/connection";
import { texts } from "../texts";

/** How the line is, in a word and a colour. */
export function Badge({ link, timeZone }: { link: ReadonlySignal<Link>; timeZone: string }) {
  const { fresh, at } = link.value;
  const say = texts.value.link;
  const text = fresh === "stopped" ? say.stopped(at === null ? "--:--:--" : clockTime(at, timeZone)) : say[fresh];
  return (
    <output class={`badge ${fresh}`} role="status">
      <i />
      {text}
    </output>
  );
}
