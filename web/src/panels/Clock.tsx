// The time at the server, in the region's time zone.

import { useEffect, useState } from "preact/hooks";
import { clockTime, longDate } from "../core/clock";
import type { Live } from "../core/live";
import { language } from "../texts";

/** Hours, minutes, seconds, and the date. */
export function Clock({ live }: { live: Live }) {
  const [now, tick] = useState(live.now());
  useEffect(() => {
    const timer = setInterval(() => tick(live.now()), 250);
    return () => clearInterval(timer);
  }, [live]);
  const { time_zone } = live.region.value.view;
  if (now === null) return <div class="clock" />;
  const second = Math.floor(now / 1000) * 1000;
  return (
    <div class="clock">
      <time class="date">{longDate(second, time_zone, language.value)}</time>
      <time class="time">{clockTime(second, time_zone)}</time>
    </div>
  );
}
