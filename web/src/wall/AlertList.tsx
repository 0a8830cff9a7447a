// The right column: how many places stand and wait, how long somebody has been waited
// for, and each place with its reason.

import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { shortTime, span } from "../core/clock";
import type { Live } from "../core/live";
import { nameOf } from "../core/region";
import { isStanding, isWaiting, lastEnded, waitingSince, type Situation } from "../core/situations";
import { GradeGlyph, TrendGlyph } from "../panels/Glyph";
import { between, reason, signedBy, tellingRule, trend, zoneOf } from "../panels/explain";
import { count, language, texts } from "../texts";
import { Borders } from "./Borders";
import { laidOut } from "./cards";

/** More than fit on any screen. */
const MOST = 24;
/** So many of those that have ended are told where nothing stands. */
const ENDED = 5;

/**
 * The rules that see a place, each with its number of reports; where it is one, its name
 * if that tells the place from another between the same two.
 */
function Rules({ live, situation }: { live: Live; situation: Situation }) {
  const say = texts.value;
  const region = live.region.value;
  const telling = tellingRule(live, situation);
  const many = situation.alerts.length > 1;
  if (!many && !telling) return null;
  const rules = [...new Set(situation.alerts.map(({ rule }) => rule))];
  return (
    <p class="rules">
      {!many && <span>{telling}</span>}
      {many && rules.map((rule) => (
        <span key={rule}>
          {nameOf(region.rule(rule), language.value, rule)} {say.alerts.reports(situation.alerts.filter((one) => one.rule === rule).map(({ members }) => members))}
        </span>
      ))}
    </p>
  );
}

/** Who answers for a place, or how long somebody has been waited for. */
function standing(situation: Situation, now: number): string {
  const say = texts.value;
  const since = waitingSince(situation);
  const { acknowledged } = situation.lead;
  if (since === null) return acknowledged ? say.alerts.acknowledgedBy(signedBy(acknowledged)) : say.alerts.acknowledged;
  return say.alerts.waited(span(now - since));
}

interface CardProps {
  live: Live;
  situation: Situation;
  chosen: boolean;
  now: number;
  /** Whether there is room for it. */
  room: boolean;
  /** Whether it is read from afar. */
  far: boolean;
}

function Card({ live, situation, chosen, now, room, far }: CardProps) {
  const say = texts.value;
  const { view } = live.region.value;
  const { lead } = situation;
  const way = trend(live, lead);
  const time = () => shortTime(lead.raised_at, view.time_zone, live.stats.value?.day_start);
  const past = () => (lead.split_from === null ? say.alerts.raised(time()) : say.alerts.splitFrom(say.alerts.number(lead.split_from)));
  return (
    <li class={`card severity-${lead.severity}${chosen ? " chosen" : ""}${isWaiting(situation) ? "" : " answered"}`} hidden={!room}>
      <header>
        <h3>
          {between(live, lead).map(far ? say.short : say.alerts.place).map((place, at) => (
            <span key={place}>{at > 0 ? say.and(place) : place}</span>
          ))}
        </h3>
        <span class="grade">
          <GradeGlyph severity={lead.severity} /> {say.severity[lead.severity]}
        </span>
      </header>
      <p class="reason">{reason(live, lead)}</p>
      <Rules live={live} situation={situation} />
      <footer>
        <span class="since">{standing(situation, now)}</span>
        {far && <span class="reports">{say.alerts.reports([lead.members])}</span>}
        <span class={`way ${way ?? ""}`}>
          {lead.state === "fading" ? say.alerts.fading : (
            <>
              {say.alerts.lastDay(lead.last_24h)} {way && <TrendGlyph to={way} label={say.alerts[way]} />}
            </>
          )}
        </span>
        {/* The least of it: left out where it has no room beside the rest. */}
        <span class="about">{zoneOf(live, lead) || past()}</span>
      </footer>
    </li>
  );
}

/** What stood last, where nothing stands now. */
function Ended({ live, now }: { live: Live; now: number }) {
  const say = texts.value;
  const newest = lastEnded(live.alerts.value, ENDED);
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

/** How many places wait and stand, and the longest wait; dashes before they are known. */
function Tiles({ standing, now }: { standing: readonly Situation[] | null; now: number }) {
  const say = texts.value.alerts;
  const waiting = standing?.filter(isWaiting) ?? [];
  const since = waiting.map((one) => waitingSince(one)!);
  const oldest = since.length > 0 ? texts.value.ago(span(now - Math.min(...since))) : standing?.length ? say.all : "–";
  const places = (number: number) => (
    <>
      {standing ? count(number) : "–"}
      <small>{say.places}</small>
    </>
  );
  return (
    <dl class="tiles">
      <div class={`most${waiting.length > 0 ? " waiting" : ""}`}>
        <dt>{say.unacknowledged}</dt>
        <dd>{places(waiting.length)}</dd>
      </div>
      <div>
        <dt>{say.open}</dt>
        <dd>{places(standing?.length ?? 0)}</dd>
      </div>
      <div class="wide">
        <dt>{say.oldest}</dt>
        <dd class="words">{oldest}</dd>
      </div>
    </dl>
  );
}

/** The right column of the wall; `focus` is the alert on the map, `far` says that it is read from afar. */
export function AlertList({ live, focus, far }: { live: Live; focus: number | null; far: boolean }) {
  const say = texts.value;
  const stats = live.stats.value;
  const [fit, setFit] = useState(MOST);
  const list = useRef<HTMLOListElement>(null);
  const standing = live.situations.value.filter(isStanding);
  const ids = standing.map(({ lead }) => lead.id);
  const looked = standing.find(({ alerts }) => alerts.some(({ id }) => id === focus))?.lead.id ?? null;
  // Decided once for what is shown: how many fit depends on the order, and must not change it.
  const order = useMemo(() => laidOut(ids.map((id) => ({ id })), looked, fit).slice(0, MOST), [looked, ids.join()]);
  const shown = order.flatMap(({ id }) => standing.find(({ lead }) => lead.id === id) ?? []);
  // A card that has no room is not cut: it is not shown.
  useLayoutEffect(() => {
    const { clientHeight = 0, children = [] } = list.current ?? {};
    const cut = [...children].findIndex((card) => (card as HTMLElement).offsetTop + (card as HTMLElement).offsetHeight > clientHeight + 1);
    setFit(cut < 0 ? Math.max(shown.length, 1) : Math.max(cut, 1));
  });
  const now = stats?.at ?? live.world.at;
  // Figures may come before the first alerts do.
  const known = stats !== null && (standing.length > 0 || stats.alerts_open === 0);
  return (
    <aside class="alerts" aria-label={say.alerts.title}>
      <h2>
        {say.alerts.title} <small>{say.alerts.counted}</small>
      </h2>
      <Tiles standing={known ? standing : null} now={now} />
      {known && standing.length === 0 && <p class="quiet">{say.alerts.none}</p>}
      {known && standing.length === 0 && <Ended live={live} now={now} />}
      <ol class="cards" ref={list}>
        {shown.map((situation, at) => (
          <Card key={situation.lead.id} live={live} situation={situation} chosen={situation.lead.id === looked} now={now} room={at < fit} far={far} />
        ))}
      </ol>
      <Borders standing={standing} now={now} />
      <p class="pages">{standing.length > fit && say.alerts.rest(standing.length - fit)}</p>
    </aside>
  );
}
