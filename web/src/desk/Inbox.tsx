// The situations that match, the most urgent first; several alerts about one place are
// one row.

import { useEffect, useRef } from "preact/hooks";
import { shortTime, span } from "../core/clock";
import { nameOf } from "../core/region";
import { stands } from "../core/world";
import { between, trend } from "../panels/explain";
import { TrendGlyph } from "../panels/Glyph";
import { Signer } from "../panels/Signer";
import { language, texts } from "../texts";
import { lateness } from "./lateness";
import { isStanding, isWaiting, waitingSince, type Situation } from "../core/situations";
import type { DeskState } from "./state";

/** The id by which the keyboard finds a situation's entry. */
function entryOf({ lead }: Situation): string {
  return `entry-${lead.id}`;
}

/** Puts the focus on the entry that is open, so that a screen reader says which. */
export function focusEntry(state: DeskState): void {
  // The list may be drawn anew just now.
  setTimeout(() => {
    const open = state.open.peek();
    if (open) document.getElementById(entryOf(open))?.focus();
  });
}

/** How it stands: since when it waits, or who answers, or that it is over. */
function Status({ state, situation }: { state: DeskState; situation: Situation }) {
  const say = texts.value;
  const { lead } = situation;
  const since = waitingSince(situation);
  if (since !== null) {
    const waited = (state.live.stats.value?.at ?? state.live.world.at) - since;
    const late = lateness(waited);
    return (
      <span class={`status ${late}`}>
        {say.alerts.waited(span(waited))}
        {late !== "due" && <b class="late">{say.desk.lateness[late]}</b>}
      </span>
    );
  }
  if (!stands(lead) || !lead.acknowledged) return <span class="status">{say.state[lead.state]}</span>;
  return (
    <span class="status">
      <Signer {...lead.acknowledged} /> {say.alerts.acknowledged}
    </span>
  );
}

function Entry({ state, situation }: { state: DeskState; situation: Situation }) {
  const say = texts.value;
  const { live } = state;
  const { lead, alerts } = situation;
  const region = live.region.value;
  const chosen = state.open.value?.lead.id === lead.id;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (chosen) button.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const isNew = alerts.some((alert) => state.isNew(alert));
  const own = alerts.some((alert) => state.involves(alert));
  const way = trend(live, lead);
  const rules = alerts.map(({ rule }) => nameOf(region.rule(rule), language.value, rule));
  return (
    <li class={`severity-${lead.severity}`}>
      <button
        ref={button}
        id={entryOf(situation)}
        type="button"
        class={`entry${chosen ? " chosen" : ""}${isWaiting(situation) ? "" : " answered"}${own ? "" : " other"}`}
        aria-pressed={chosen}
        onClick={() => (state.chosen.value = lead.id)}
      >
        <span class="head">
          <b>
            {isNew && <mark>{say.desk.isNew}</mark>}
            {say.between(between(live, lead).map(say.short))}
          </b>
          <span class="grade">{say.severity[lead.severity]}</span>
        </span>
        <span class="rules">
          <span class="chip-text">{rules[0]}</span>
          {alerts.length > 1 && <span class="chip-text more" title={rules.join(" · ")}>+{alerts.length - 1}</span>}
          <span class="counts">
            {say.desk.counts(lead.members, lead.last_24h)} {way && <TrendGlyph to={way} label={say.alerts[way]} />}
          </span>
        </span>
        <span class="foot">
          <Status state={state} situation={situation} />
          <span>
            {own
              ? say.desk.raised(shortTime(lead.raised_at, region.view.time_zone, live.stats.value?.day_start))
              : say.desk.informed}
          </span>
        </span>
      </button>
    </li>
  );
}

/** The list on the left. */
export function Inbox({ state }: { state: DeskState }) {
  const say = texts.value.desk;
  const shown = state.inbox.value;
  const fresh = state.fresh.value.length;
  const standing = state.live.situations.value.filter(isStanding).length;
  const seeFresh = () => {
    state.chooseFresh();
    focusEntry(state);
  };
  return (
    <section class="inbox" aria-label={say.inbox}>
      {fresh > 0 && (
        <button type="button" class="strip" onClick={seeFresh}>
          {say.fresh(fresh)} <span aria-hidden="true">→</span>
        </button>
      )}
      <h2>
        {say.inbox} <small>{say.matching(shown.length, standing)}</small>
      </h2>
      {shown.length === 0 && <p class="quiet">{say.nothing}</p>}
      <ol>
        {shown.map((situation) => (
          <Entry key={situation.lead.id} state={state} situation={situation} />
        ))}
      </ol>
      <p class="keys">{state.letters.value ? say.keys : say.keysWithoutLetters}</p>
    </section>
  );
}
