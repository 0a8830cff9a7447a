// An alert in words.

import type { AlertView } from "../contract/AlertView";
import type { Live } from "../core/live";
import { nameOf } from "../core/region";
import { beside, whereabouts, type Whereabouts } from "../core/whereabouts";
import { language, texts } from "../texts";

const places = new WeakMap<AlertView, Whereabouts[]>();

function sidesOf(live: Live, alert: AlertView): Whereabouts[] {
  let found = places.get(alert);
  if (!found) {
    found = whereabouts(alert, live.world.incidents, live.region.value);
    // Its reports may come a moment after it: ask again until they are here.
    void live.reported.value;
    if (found.every((side) => side.middle)) places.set(alert, found);
  }
  return found;
}

/** The two places an alert lies between, most reports first. */
export function between(live: Live, alert: AlertView): string[] {
  return sidesOf(live, alert).map((place) => nameOf(place, language.value));
}

/** Those two, and where on the map to write them. */
export function sideNames(live: Live, alert: AlertView): { name: string; at: [number, number] }[] {
  const names = between(live, alert);
  return beside(alert, sidesOf(live, alert)).map((at, side) => ({ name: names[side]!, at }));
}

/** Why it was raised, in one sentence. */
export function reason(live: Live, alert: AlertView): string {
  const region = live.region.value;
  const names = between(live, alert);
  return texts.value.reason({
    hours: Math.round(region.rule(alert.rule)?.window_h ?? 72),
    sides: alert.sides.map((side, at) => ({
      name: names[at] ?? nameOf(side, language.value),
      members: side.members,
    })),
    matters: alert.matters.map(([code]) => nameOf(region.matter(code), language.value, code)),
    distance_m: alert.border_distance_m,
  });
}

/** The zone it touches that weighs most, in a word or two; empty when none. */
export function zoneOf(live: Live, alert: AlertView): string {
  const zone = live.region.value.zone(alert.zones[0] ?? "");
  if (!zone) return "";
  // Of border areas there are many; of the others the kind says enough.
  return zone.kind === "interprovincial_border_area" ? nameOf(zone, language.value) : texts.value.zoneKind[zone.kind];
}

/** Whether there is more of it than the day before. */
export function trend(alert: AlertView): "rising" | "falling" | "steady" {
  if (alert.last_24h === alert.previous_24h) return "steady";
  return alert.last_24h > alert.previous_24h ? "rising" : "falling";
}
