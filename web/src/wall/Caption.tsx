// What the map is looking at, and how to read it.

import type { Live } from "../core/live";
import { nameOf } from "../core/region";
import { isStanding } from "../core/situations";
import { Legend } from "../panels/Legend";
import { Sources } from "../panels/Sources";
import { between } from "../panels/explain";
import { language, texts } from "../texts";
import type { Stop } from "./tour";

/** What kind of thing, its name, and how it stands. */
function words(live: Live, stop: Stop): [string, string, string] {
  const say = texts.value;
  const region = live.region.value;
  const standing = live.situations.value.filter(isStanding);
  if (stop.kind === "zone") {
    const here = standing.filter(({ alerts }) => alerts.some(({ zones }) => zones.includes(stop.zone.code)));
    const kind = say.zoneKind[stop.zone.kind];
    const name = nameOf(stop.zone, language.value);
    return [name === kind ? "" : kind, name, say.tour.standing(here.length)];
  }
  const alert = stop.kind === "alert" ? live.alerts.value.find((one) => one.id === stop.id) : undefined;
  if (alert) return [`${say.tour.alert} ${say.alerts.number(alert.id)}`, say.between(between(live, alert)), ""];
  if (stop.kind === "whole") {
    return [nameOf(region.view, language.value), say.tour.whole, say.tour.standing(standing.length)];
  }
  // What is seen first is the part that the region is about, not all of it.
  const zone = region.view.zones.some(({ kind }) => kind === "demonstration_zone");
  return [nameOf(region.view, language.value), zone ? say.tour.aroundZone : say.tour.focus, ""];
}

/** Below the map, between the columns. */
export function Caption({ live, stop }: { live: Live; stop: Stop | null }) {
  const [kind, name, state] = stop ? words(live, stop) : ["", "", ""];
  return (
    <footer class="caption">
      <p class="here">
        <small>{kind}</small>
        <span>
          {name} <em>{state}</em>
        </span>
      </p>
      <Legend region={live.region.value} />
      <Sources region={live.region.value} />
    </footer>
  );
}
