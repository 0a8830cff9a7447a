// An alert in words.

import type { AckView, AlertView, SideView } from "../contract/openapi";
import type { Live } from "../core/live";
import { nameOf } from "../core/region";
import { sidesOf } from "../core/sides";
import { isStanding, type Situation } from "../core/situations";
import { isolated, language, texts } from "../texts";

/** The county in which most of a side lies; the side itself where the map knows none. */
function placeOf(live: Live, side: SideView): string {
  return nameOf(live.region.value.jurisdiction(side.place) ?? side, language.value);
}

/** The two places an alert lies between. */
export function between(live: Live, alert: AlertView): string[] {
  return sidesOf(alert).slice(0, 2).map((side) => placeOf(live, side));
}

/** Those two as the map names them; a place that it does not know stays unnamed. */
export function sideNames(live: Live, alert: AlertView): { name: string; code: string; home: [number, number] }[] {
  return sidesOf(alert).slice(0, 2).flatMap((side) => {
    const place = live.region.value.jurisdiction(side.place);
    return place ? [{ name: placeOf(live, side), code: place.code, home: place.label }] : [];
  });
}

/** The rule's name where another rule alone alarms elsewhere between the same two places; else nothing. */
export function tellingRule(live: Live, { lead, alerts }: Situation): string {
  if (alerts.length > 1) return "";
  const places = (one: AlertView) => sidesOf(one).slice(0, 2).map(({ place }) => place).sort().join();
  const here = places(lead);
  const alike = live.situations.value.some((other) => isStanding(other) && other.lead.rule !== lead.rule && places(other.lead) === here);
  return alike ? nameOf(live.region.value.rule(lead.rule), language.value, lead.rule) : "";
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
    level: region.rule(alert.rule)?.level ?? region.view.level,
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

/** Who signed, with the agency of the account where there are accounts. */
export function signedBy({ by, signer }: AckView): string {
  return texts.value.alerts.named(isolated(by), signer ? isolated(nameOf(signer.agency, language.value, signer.agency.code)) : "");
}

/** What lifted it above its rule's own grade, each in a few words. */
export function lifted(live: Live, alert: AlertView): string[] {
  const say = texts.value;
  const zone = live.region.value.zone(alert.lifted_by ?? "");
  return [...(zone ? [say.alerts.lifted(say.zoneKind[zone.kind])] : []), ...(alert.lifted_by_size ? [say.alerts.liftedBySize] : [])];
}

/** Whether there is more of it than the day before; nothing where no rule looks so far back. */
export function trend(live: Live, alert: AlertView): "rising" | "falling" | "steady" | null {
  if ((live.region.value.rule(alert.rule)?.window_h ?? 48) < 48) return null;
  if (alert.last_24h === alert.previous_24h) return "steady";
  return alert.last_24h > alert.previous_24h ? "rising" : "falling";
}
