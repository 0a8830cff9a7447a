// An alert in words.

import type { AlertView } from "../contract/AlertView";
import type { SideView } from "../contract/SideView";
import type { Live } from "../core/live";
import { nameOf } from "../core/region";
import { beside, sidesOf } from "../core/sides";
import { language, texts } from "../texts";

/** The county in which most of a side lies; the side itself where the map knows none. */
function placeOf(live: Live, side: SideView): string {
  return nameOf(live.region.value.jurisdiction(side.place) ?? side, language.value);
}

/** The two places an alert lies between. */
export function between(live: Live, alert: AlertView): string[] {
  return sidesOf(alert).slice(0, 2).map((side) => placeOf(live, side));
}

/** Those two, and where on the map to write them. */
export function sideNames(live: Live, alert: AlertView): { name: string; at: [number, number] }[] {
  const names = between(live, alert);
  const places = beside(alert, live.world.incidents);
  // Its reports may come a moment after it: ask again until they are here.
  if (places.length === 0) void live.reported.value;
  return places.map((at, side) => ({ name: names[side]!, at }));
}

/** The sides by their own names, each with its place if that is narrower. */
export function sides(live: Live, alert: AlertView) {
  return sidesOf(alert).map((side) => ({
    code: side.code,
    name: nameOf(side, language.value, side.code),
    ...(side.place === side.code ? {} : { place: placeOf(live, side) }),
    members: side.members,
  }));
}

/** Why it was raised, in one sentence. */
export function reason(live: Live, alert: AlertView): string {
  const region = live.region.value;
  return texts.value.reason({
    hours: Math.round(region.rule(alert.rule)?.window_h ?? 72),
    sides: sides(live, alert),
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
