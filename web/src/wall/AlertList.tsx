// The right column: how many alerts stand, how long somebody has been waited for,
// and each alert with its reason.

import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { AlertView } from "../contract/openapi";
import { shortTime, span } from "../core/clock";
import type { Live } from "../core/live";
import { stands } from "../core/world";
import { GradeGlyph, TrendGlyph } from "../panels/Glyph";
import { between, reason, signedBy, tellingRule, trend, zoneOf } from "../panels/explain";
import { count, texts } from "../texts";
import { laidOut } from "./cards";

/** More than fit on any screen. */
const MOST = 24;
/** So many of those that have ended are told where nothing stands. */
const ENDED = 5;

function Card({ live, alert, chosen, now, room }: { live: Live; alert: AlertView; chosen: boolean; now: number; room: boolean }) {
  const say = texts.value;
  const { view } = live.region.value;
  const zone = zoneOf(live, alert);
  const rule = tellingRule(live, alert);
  const way = trend(live, alert);
  return (
    <li class={`card severity-${alert.severity}${chosen ? " chosen" : ""}${alert.acknowledged ? " answered" : ""}`} hidden={!room}>
      <header>
        <h3>
          {between(live, alert).map((place, at) => (
            <span key={place}>{at > 0 ? say.and(place) : place}</span>
          ))}
        </h3>
        <span class="grade">
          <GradeGlyph severity={alert.severity} /> {say.severity[alert.severity]}
        </span>
      </header>
      <p class="reason">{reason(live, alert)}</p>
      <footer>
        <span class="since">
          {alert.acknowledged
            ? say.alerts.acknowledgedBy(signedBy(alert.acknowledged))
            : `${say.alerts.notAcknowledged} ${say.ago(span(now - alert.alarming_since))}`}
        </span>
        <span class={`way ${way ?? ""}`}>
          {alert.state === "fading" ? say.alerts.fading : (
            <>
              {say.alerts.lastDay(alert.last_24h)} {way && <TrendGlyph to={way} label={say.alerts[way]} />}
            </>
          )}
        </span>
        {/* Where another rule's alert stands in the same place, the rule is what tells them apart. */}
        <span class="about">{rule || zone || say.alerts.raised(shortTime(alert.raised_at, view.time_zone, live.stats.value?.day_start))}</span>
      </footer>
    </li>
  );
}

/** What stood last, where nothing stands now. */
function Ended({ live, now }: { live: Live; now: number }) {
  const say = texts.value;
  const ended = live.alerts.value.filter((alert) => alert.ended_at !== null);
  const newest = ended.sort((a, b) => b.ended_at! - a.ended_at!).slice(0, ENDED);
  if (newest.length === 0) return null;
  return (
    <section class="ended">
      <h3>{say.alerts.recentlyEnded}</h3>
      <ul>
        {newest.map((alert) => (
          <li key={alert.id}>
            <span>{say.between(between(live, alert))}</span>
            <span>{say.alerts.endedAgo(span(now - alert.ended_at!))}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The right column of the wall; `focus` is the alert on the map. */
export function AlertList({ live, focus }: { live: Live; focus: number | null }) {
  const say = texts.value;
  const stats = live.stats.value;
  const [fit, setFit] = useState(MOST);
  const list = useRef<HTMLOListElement>(null);
  const standing = live.alerts.value.filter(stands);
  // Decided once for what is shown: how many fit depends on the order, and must not change it.
  const order = useMemo(() => laidOut(standing, focus, fit).slice(0, MOST), [focus, standing.map(({ id }) => id).join()]);
  const shown = order.flatMap(({ id }) => standing.find((alert) => alert.id === id) ?? []);
  // A card that has no room is not cut: it is not shown.
  useLayoutEffect(() => {
    const { clientHeight = 0, children = [] } = list.current ?? {};
    const cut = [...children].findIndex((card) => (card as HTMLElement).offsetTop + (card as HTMLElement).offsetHeight > clientHeight + 1);
    setFit(cut < 0 ? Math.max(shown.length, 1) : Math.max(cut, 1));
  });
  const now = stats?.at ?? live.world.at;
  const oldest = stats?.oldest_unacknowledged ?? null;
  return (
    <aside class="alerts" aria-label={say.alerts.title}>
      <h2>{say.alerts.title}</h2>
      <dl class="tiles">
        <div class={`most${stats && stats.alerts_unacknowledged > 0 ? " waiting" : ""}`}>
          <dt>{say.alerts.unacknowledged}</dt>
          <dd>{stats ? count(stats.alerts_unacknowledged) : "–"}</dd>
        </div>
        <div>
          <dt>{say.alerts.open}</dt>
          <dd>{stats ? count(stats.alerts_open) : "–"}</dd>
        </div>
        <div class="wide">
          <dt>{say.alerts.oldest}</dt>
          <dd class="words">{oldest === null ? (stats?.alerts_open ? say.alerts.all : "–") : say.ago(span(now - oldest))}</dd>
        </div>
      </dl>
      {standing.length === 0 && <p class="quiet">{say.alerts.none}</p>}
      {standing.length === 0 && <Ended live={live} now={now} />}
      <ol class="cards" ref={list}>
        {shown.map((alert, at) => (
          <Card key={alert.id} live={live} alert={alert} chosen={alert.id === focus} now={now} room={at < fit} />
        ))}
      </ol>
      <p class="pages">{standing.length > fit && say.alerts.rest(standing.length - fit)}</p>
    </aside>
  );
}
