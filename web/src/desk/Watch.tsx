// The watch: calls when an alert comes or waits too long, aloud once somebody has said
// so, and in words for a screen reader.

import { effect } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import type { AlertView } from "../contract/openapi";
import { between } from "../panels/explain";
import { span } from "../core/clock";
import { texts } from "../texts";
import { Lookout } from "./attention";
import { call, sound, sounding, type Tone } from "./sound";
import type { DeskState } from "./state";

/** From this grade on it is the grave tone: 二级（橙） and above. */
const GRAVE = 3;

function toneOf(alerts: readonly AlertView[]): Tone {
  return alerts.some(({ severity }) => severity >= GRAVE) ? "grave" : "plain";
}

/** What is said of the gravest of these. */
function told(state: DeskState, raised: readonly AlertView[], late: readonly AlertView[]): string {
  const say = texts.peek();
  const [first] = [...raised, ...late].sort((a, b) => b.severity - a.severity);
  if (!first) return "";
  const places = say.between(between(state.live, first));
  const grade = say.severity[first.severity]!;
  if (raised.length > 0) return say.desk.said(raised.length, places, grade);
  return say.desk.saidLate(places, say.ago(span(state.live.world.at - first.alarming_since)));
}

/** Listens to the alerts, and says what is new. */
export function Watch({ state }: { state: DeskState }) {
  const [words, tell] = useState("");
  useEffect(() => {
    const lookout = new Lookout();
    return effect(() => {
      const alerts = state.live.alerts.value;
      const at = state.live.stats.value?.at;
      if (at === undefined) return;
      const news = lookout.look(alerts, at);
      const own = (alert: AlertView) => state.involves(alert);
      const [raised, late] = [news.raised.filter(own), news.late.filter(own)];
      if (raised.length + late.length === 0) return;
      call(toneOf([...raised, ...late]));
      tell(told(state, raised, late));
    });
  }, [state]);
  return <p class="unseen" role="status">{words}</p>;
}

/** The button by which a watch begins: from then on the desk may call aloud. */
export function Begin() {
  const say = texts.value.desk;
  const on = sounding.value;
  return (
    <button type="button" class={`begin${on ? " on" : ""}`} aria-pressed={on} onClick={() => void sound(!on)}>
      {on ? say.onWatch : say.startWatch} <small>{on ? say.soundOn : say.soundOff}</small>
    </button>
  );
}
