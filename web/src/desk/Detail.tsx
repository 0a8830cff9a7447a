// One alert in full: why, whose, who answers, its members, what happened, who is near.

import { useState } from "preact/hooks";
import type { AlertDetail, AlertView } from "../contract/openapi";
import { shortTime } from "../core/clock";
import { nameOf } from "../core/region";
import { stands } from "../core/world";
import { partyColour, SEVERITY } from "../map/palette";
import { between, lifted, reason, sides, trend } from "../panels/explain";
import { Signer } from "../panels/Signer";
import { language, texts } from "../texts";
import { Answer } from "./Answer";
import { next, type Part } from "./detail";
import { History } from "./History";
import { Near } from "./Near";
import { useParticulars } from "./particulars";
import { Sheet } from "./Sheet";
import { waits, type Situation } from "../core/situations";
import type { DeskState } from "./state";

/** So many zones are named. */
const ZONES = 3;

function Members({ state, detail }: { state: DeskState; detail: AlertDetail }) {
  const region = state.live.region.value;
  const { time_zone } = region.view;
  const day = state.live.stats.value?.day_start;
  const rows = [...detail.members].sort((a, b) => b.occurred_at - a.occurred_at);
  return (
    <table class="members">
      <tbody>
        {rows.map(({ id, matter, occurred_at, severity, description, jurisdictions }) => {
          const place = jurisdictions.findLast((code) => region.jurisdiction(code)) ?? "";
          return (
            <tr key={id}>
              <td class="when">{shortTime(occurred_at, time_zone, day)}</td>
              <td title={description}>
                <i class="dot" style={{ background: SEVERITY[severity] }} />
                {nameOf(region.matter(matter), language.value, matter)}
              </td>
              <td class="where">
                <i class="chip" style={{ background: partyColour(region.colour(place)) }} />
                {nameOf(region.jurisdiction(place), language.value, place)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** The zones by name, of which border areas are as wide as counties: a few say enough. */
function Zones({ state, alert }: { state: DeskState; alert: AlertView }) {
  const say = texts.value;
  const region = state.live.region.value;
  const names = alert.zones.map((code) => nameOf(region.zone(code), language.value, code));
  return <>{say.desk.some(names.slice(0, ZONES), names.length)}</>;
}

/** The rules that see this place, the one that is shown pressed. */
function Rules({ state, situation, alert }: { state: DeskState; situation: Situation; alert: AlertView }) {
  const region = state.live.region.value;
  const name = (one: AlertView) => nameOf(region.rule(one.rule), language.value, one.rule);
  const rules = [...situation.alerts].sort((a, b) => a.id - b.id);
  if (rules.length === 1) return <p class="rules"><span class="chip-text">{name(alert)}</span></p>;
  return (
    <p class="rules">
      {rules.map((one) => (
        <button
          key={one.id}
          type="button"
          class="chip-text"
          aria-pressed={one.id === alert.id}
          onClick={() => (state.chosen.value = one.id)}
        >
          {name(one)} <small>{texts.value.desk.reports(one.members)}</small>
        </button>
      ))}
    </p>
  );
}

/** Asks for older members or steps than are shown, if there are any. */
function Older({ detail, part, failed, ask }: { detail: AlertDetail; part: Part; failed: boolean; ask: (part: Part) => void }) {
  const [asked, setAsked] = useState<AlertDetail | null>(null);
  if (next(detail, part) === null) return null;
  const onClick = () => {
    setAsked(detail);
    ask(part);
  };
  return (
    <button type="button" class="plain older" disabled={asked === detail && !failed} onClick={onClick}>
      {texts.value.desk.older}
    </button>
  );
}

/** The drawer on the right, for the alert that is open. */
export function Detail({ state, situation, alert }: { state: DeskState; situation: Situation; alert: AlertView }) {
  const say = texts.value;
  const { live } = state;
  const region = live.region.value;
  const { detail, near, failed, older } = useParticulars(alert);
  const time = (at: number) => shortTime(at, region.view.time_zone, live.stats.value?.day_start);
  const lifts = lifted(live, alert);
  const most = Math.max(1, ...alert.sides.map((side) => side.members));
  return (
    <article class={`detail severity-${alert.severity}`}>
      <p class="sheet-title">{say.desk.sheet}</p>
      <header>
        <p class="kind">
          <span class="grade">{say.severity[alert.severity]}</span>{" "}
          <span class="number">{say.alerts.number(alert.id)}</span> · {say.state[alert.state]}
          {alert.split_from !== null && ` · ${say.alerts.splitFrom(say.alerts.number(alert.split_from))}`}
        </p>
        <button type="button" class="plain close" onClick={() => (state.chosen.value = null)}>
          {say.desk.close}
        </button>
        <h2>{say.between(between(live, alert))}</h2>
        <Rules state={state} situation={situation} alert={alert} />
        <p class="why">{reason(live, alert)}</p>
        {lifts.length > 0 && <p class="lifts">{say.desk.because(lifts)}</p>}
      </header>
      {alert.acknowledged && (
        <p class="acknowledged">
          <Signer {...alert.acknowledged} /> {say.alerts.acknowledged} · {time(alert.acknowledged.at)}
          {alert.acknowledged.note && <q><bdi>{alert.acknowledged.note}</bdi></q>}
        </p>
      )}
      {situation.alerts.some(waits) && <Answer key={situation.lead.id} state={state} situation={situation} />}
      {stands(alert) && (
        <section>
          <h3>{say.desk.near}</h3>
          {near?.found ? (
            <Near state={state} near={near.found} />
          ) : (
            <p class="quiet">{near ? say.desk.unavailable : say.desk.loading}</p>
          )}
        </section>
      )}
      <dl class="facts">
        <dt>{say.desk.border}</dt>
        <dd>{nameOf(alert.border, language.value, alert.border.code)}</dd>
        {stands(alert) && (
          <>
            <dt>{say.desk.trend}</dt>
            <dd>
              {alert.last_24h} / {trend(live, alert) ? alert.previous_24h : "–"}
            </dd>
          </>
        )}
        {alert.zones.length > 0 && (
          <>
            <dt>{say.desk.zones}</dt>
            <dd><Zones state={state} alert={alert} /></dd>
          </>
        )}
      </dl>
      <section>
        <h3>{say.desk.sides}</h3>
        <ul class="sides">
          {sides(live, alert).map((side) => (
            <li key={side.code}>
              <span>
                {side.name} {side.place && <small>{side.place}</small>}
              </span>
              <b>{side.members}</b>
              <i style={{ width: `${(side.members / most) * 100}%`, background: partyColour(region.colour(side.code)) }} />
            </li>
          ))}
        </ul>
      </section>
      <section>
        <h3>{say.desk.history}</h3>
        {detail && <History history={detail.history} time={time} />}
        {detail && <Older detail={detail} part="history" failed={failed} ask={older} />}
        {!detail && <p class="quiet">{failed ? say.desk.unavailable : say.desk.loading}</p>}
      </section>
      <section>
        <h3>
          {say.desk.members} <small>{alert.members}</small>
        </h3>
        {detail && <Members state={state} detail={detail} />}
        {detail && <Older detail={detail} part="members" failed={failed} ask={older} />}
      </section>
      <button type="button" class="plain print" onClick={() => print()}>{say.desk.print}</button>
      <Sheet state={state} situation={situation} />
    </article>
  );
}
