// The alerts that match, the most urgent first.

import { useEffect, useRef } from "preact/hooks";
import type { AlertView } from "../contract/openapi";
import { shortTime, span } from "../core/clock";
import { stands } from "../core/world";
import { between, reason, tellingRule } from "../panels/explain";
import { texts } from "../texts";
import type { DeskState } from "./state";

/** The id by which the keyboard finds an alert's entry. */
export function entryOf(id: number): string {
  return `entry-${id}`;
}

function Entry({ state, alert }: { state: DeskState; alert: AlertView }) {
  const say = texts.value;
  const { live } = state;
  const chosen = state.chosen.value === alert.id;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (chosen) button.current?.scrollIntoView({ block: "nearest" });
  }, [chosen]);
  const rule = tellingRule(live, alert);
  const now = live.stats.value?.at ?? live.world.at;
  const { time_zone } = live.region.value.view;
  const status = !stands(alert)
    ? say.state[alert.state]
    : alert.acknowledged
      ? say.alerts.acknowledgedBy(alert.acknowledged.by)
      : `${say.alerts.notAcknowledged} ${say.ago(span(now - alert.alarming_since))}`;
  return (
    <li class={`severity-${alert.severity}`}>
      <button
        ref={button}
        id={entryOf(alert.id)}
        type="button"
        class={`entry${chosen ? " chosen" : ""}${alert.acknowledged || !stands(alert) ? " answered" : ""}`}
        aria-pressed={chosen}
        onClick={() => (state.chosen.value = alert.id)}
      >
        <span class="head">
          <b>{say.between(between(live, alert))}</b>
          <span class="grade">{say.severity[alert.severity]}</span>
        </span>
        {rule && <span class="rule">{rule}</span>}
        <span class="why">{reason(live, alert)}</span>
        <span class="foot">
          <span class="status">{status}</span>
          <span>{say.alerts.raised(shortTime(alert.raised_at, time_zone, live.stats.value?.day_start))}</span>
        </span>
      </button>
    </li>
  );
}

/** The list on the left. */
export function Inbox({ state }: { state: DeskState }) {
  const say = texts.value.desk;
  const shown = state.inbox.value;
  return (
    <section class="inbox" aria-label={say.inbox}>
      <h2>
        {say.inbox} <small>{say.matching(shown.length, state.live.alerts.value.length)}</small>
      </h2>
      {shown.length === 0 && <p class="quiet">{say.nothing}</p>}
      <ol>
        {shown.map((alert) => (
          <Entry key={alert.id} state={state} alert={alert} />
        ))}
      </ol>
      <p class="keys">{say.keys}</p>
    </section>
  );
}
