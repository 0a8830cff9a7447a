// The right column: how many alerts stand, how long somebody has been waited for,
// and each alert with its reason.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { AlertView } from "../contract/openapi";
import { shortTime, span } from "../core/clock";
import type { Live } from "../core/live";
import { stands } from "../core/world";
import { TrendGlyph } from "../panels/Glyph";
import { between, reason, tellingRule, trend, zoneOf } from "../panels/explain";
import { count, isolated, language, texts } from "../texts";

/** At most so many cards; fewer when the words are longer. */
const CARDS = 4;

function Card({ live, alert, chosen, now }: { live: Live; alert: AlertView; chosen: boolean; now: number }) {
  const say = texts.value;
  const { view } = live.region.value;
  const zone = zoneOf(live, alert);
  const rule = tellingRule(live, alert);
  const way = trend(live, alert);
  return (
    <li class={`card severity-${alert.severity}${chosen ? " chosen" : ""}${alert.acknowledged ? " answered" : ""}`}>
      <header>
        <h3>{say.between(between(live, alert))}</h3>
        <span class="grade">{say.severity[alert.severity]}</span>
      </header>
      <p class="reason">{reason(live, alert)}</p>
      <footer>
        <span class="since">
          {alert.acknowledged
            ? say.alerts.acknowledgedBy(isolated(alert.acknowledged.by))
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

/** The right column of the wall; `focus` is the alert on the map. */
export function AlertList({ live, focus }: { live: Live; focus: number | null }) {
  const say = texts.value;
  const stats = live.stats.value;
  const [cards, room] = useState(CARDS);
  const list = useRef<HTMLOListElement>(null);
  const standing = live.alerts.value.filter(stands);
  const at = standing.findIndex((alert) => alert.id === focus);
  const page = at < 0 ? 0 : Math.floor(at / cards);
  const pages = Math.ceil(standing.length / cards);
  const shown = standing.slice(page * cards, (page + 1) * cards);
  // Other words may have room again.
  const words = `${language.value} ${standing.map((alert) => alert.id).join()}`;
  useLayoutEffect(() => room(CARDS), [words]);
  // A card that has no room is not cut: it moves to the next page.
  useLayoutEffect(() => {
    const { scrollHeight = 0, clientHeight = 0 } = list.current ?? {};
    if (scrollHeight > clientHeight + 1 && cards > 1) room(cards - 1);
  });
  const now = stats?.at ?? live.world.at;
  const oldest = stats?.oldest_unacknowledged ?? null;
  return (
    <aside class="alerts" aria-label={say.alerts.title}>
      <h2>{say.alerts.title}</h2>
      <dl class="tiles">
        <div>
          <dt>{say.alerts.open}</dt>
          <dd>{stats ? count(stats.alerts_open) : "–"}</dd>
        </div>
        <div class={stats && stats.alerts_unacknowledged > 0 ? "waiting" : ""}>
          <dt>{say.alerts.unacknowledged}</dt>
          <dd>{stats ? count(stats.alerts_unacknowledged) : "–"}</dd>
        </div>
        <div class="wide">
          <dt>{say.alerts.oldest}</dt>
          <dd class="words">{oldest === null ? (stats?.alerts_open ? say.alerts.all : "–") : say.ago(span(now - oldest))}</dd>
        </div>
      </dl>
      {standing.length === 0 && <p class="quiet">{say.alerts.none}</p>}
      <ol class="cards" ref={list}>
        {shown.map((alert) => (
          <Card key={alert.id} live={live} alert={alert} chosen={alert.id === focus} now={now} />
        ))}
      </ol>
      {pages > 1 && (
        <p class="pages">
          <span>{say.alerts.rest(standing.length - shown.length)}</span>
          <span>{say.alerts.page(page + 1, pages)}</span>
        </p>
      )}
    </aside>
  );
}
