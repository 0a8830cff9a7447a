// The few things an officer may want otherwise.

import { useId } from "preact/hooks";
import { texts } from "../texts";
import { call, sounding } from "./sound";
import type { DeskState } from "./state";

export function Settings({ state }: { state: DeskState }) {
  const say = texts.value.desk;
  const id = useId();
  return (
    <details class="settings">
      <summary class="plain">{say.settings}</summary>
      <div>
        <p>
          <input id={id} type="checkbox" checked={state.letters.value} onChange={(event) => state.useLetters(event.currentTarget.checked)} />
          <label for={id}>{say.letters}</label>
        </p>
        <p>
          <button type="button" class="plain" disabled={!sounding.value} onClick={() => call("grave")}>{say.tryGrave}</button>
          <button type="button" class="plain" disabled={!sounding.value} onClick={() => call("plain")}>{say.tryPlain}</button>
        </p>
        <p class="quiet">{say.soundNote}</p>
      </div>
    </details>
  );
}
