// Units near an alert, side by side, the nearest first.

import type { NearUnits } from "../contract/openapi";
import { span } from "../core/clock";
import { nameOf } from "../core/region";
import { partyColour } from "../map/palette";
import { UnitGlyph } from "../panels/Glyph";
import { language, texts } from "../texts";
import type { DeskState } from "./state";

/** So many of a side are listed. */
const MOST = 4;

export function Near({ state, near }: { state: DeskState; near: NearUnits }) {
  const say = texts.value;
  const region = state.live.region.value;
  const sides = near.sides.filter((side) => side.units.length > 0);
  if (sides.length === 0) return <p class="quiet">{say.desk.nobody}</p>;
  const now = state.live.stats.value?.at ?? state.live.world.at;
  return (
    <ul class="near">
      {sides.map(({ code, units }) => (
        <li key={code}>
          <h4>{nameOf(region.jurisdiction(code), language.value, code)}</h4>
          <ul>
            {units.slice(0, MOST).map(({ unit, fix: [, , , , , at], distance_m }) => (
              <li key={unit.id}>
                <UnitGlyph kind={unit.kind} colour={partyColour(region.colour(unit.agency))} />
                <span>
                  {unit.name} <small>
                    {/* What its name says already is not said again. */}
                    {!unit.name.includes(say.kind[unit.kind]) && `${say.kind[unit.kind]} · `}
                    {say.seen(span(now - at))}
                  </small>
                </span>
                <b>{say.desk.distance(distance_m)}</b>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
