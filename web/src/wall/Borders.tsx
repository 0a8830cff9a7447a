// How each border stands, where there are more places than the tour soon comes by.

import { span } from "../core/clock";
import { nameOf } from "../core/region";
import { byBorder, type Situation } from "../core/situations";
import { count, language, texts } from "../texts";

/** Up to so many places the cards and the tour tell enough. */
const FEW = 12;
/** So many borders have room. */
const MOST = 6;

export function Borders({ standing, now }: { standing: readonly Situation[]; now: number }) {
  if (standing.length <= FEW) return null;
  const say = texts.value;
  return (
    <table class="borders">
      <thead>
        <tr>
          <th scope="col">{say.desk.border}</th>
          <th scope="col">{say.alerts.unacknowledged}</th>
          <th scope="col">{say.alerts.open}</th>
          <th scope="col">{say.alerts.oldest}</th>
        </tr>
      </thead>
      <tbody>
        {byBorder(standing, MOST).map(({ border, open, waiting, since }) => (
          <tr key={border.code}>
            <th scope="row">{nameOf(border, language.value, border.code)}</th>
            <td class={waiting > 0 ? "waiting" : ""}>{count(waiting)}</td>
            <td>{count(open)}</td>
            <td>{since === null ? "–" : say.ago(span(now - since))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
