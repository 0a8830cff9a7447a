// What an alert is on paper: the head and the two signatures of a 预警单. Seen only in
// print, where it stands round what the drawer tells.

import { longTime } from "../core/clock";
import { nameOf } from "../core/region";
import { sidesOf } from "../core/sides";
import { Signer } from "../panels/Signer";
import { language, texts } from "../texts";
import type { Situation } from "../core/situations";
import type { DeskState } from "./state";

export function Sheet({ state, situation }: { state: DeskState; situation: Situation }) {
  const say = texts.value;
  const { live } = state;
  const { time_zone } = live.region.value.view;
  const { lead } = situation;
  const signed = situation.alerts.flatMap(({ acknowledged }) => acknowledged ?? []);
  const [by] = signed;
  return (
    <footer class="sheet">
      <p>
        {say.desk.sheetMade(longTime(live.stats.value?.at ?? live.world.at, time_zone))}
        {by && <> · {say.desk.byLabel}: <Signer {...by} /> {longTime(by.at, time_zone)}</>}
      </p>
      <div class="signatures">
        {sidesOf(lead).slice(0, 2).map((side) => (
          <p key={side.code}>
            <b>{nameOf(live.region.value.jurisdiction(side.place) ?? side, language.value, side.code)}</b>
            <span>{say.desk.sheetSigned}</span>
            <span>{say.desk.sheetTime}</span>
          </p>
        ))}
      </div>
    </footer>
  );
}
