// The conditions above the inbox.

import { useId } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { nameOf } from "../core/region";
import { language, texts } from "../texts";
import { OPEN } from "./filters";
import type { DeskState } from "./state";

interface ChoiceProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: ComponentChildren;
}

function Choice({ label, value, onChange, children }: ChoiceProps) {
  const id = useId();
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {children}
      </select>
    </div>
  );
}

/** Matter, jurisdiction, time, state. */
export function FilterBar({ state }: { state: DeskState }) {
  const say = texts.value.desk;
  const region = state.live.region.value;
  const filters = state.filters.value;
  // Only what a rule watches can be an alert's.
  const watched = new Set(region.view.rules.flatMap((rule) => rule.matters));
  const changed = JSON.stringify(filters) !== JSON.stringify(OPEN);
  const agency = state.visitor.value?.agency;
  return (
    <section class="filters" aria-label={say.filters}>
      {agency && (
        <div class="scope" role="group" aria-label={say.scope}>
          {(["own", "all"] as const).map((scope) => (
            <button key={scope} type="button" class="plain" aria-pressed={filters.scope === scope} onClick={() => state.set("scope", scope)}>
              {scope === "own" ? say.own : say.everything}
            </button>
          ))}
          <span>{nameOf(agency, language.value, agency.code)}</span>
        </div>
      )}
      <Choice label={say.matter} value={filters.matter} onChange={(value) => state.set("matter", value)}>
        <option value="">{say.any}</option>
        {region.view.classes.map((group) => {
          const matters = region.view.matters.filter((one) => one.class === group.code && watched.has(one.code));
          return matters.length > 0 && (
            <optgroup key={group.code} label={nameOf(group, language.value)}>
              {matters.map((one) => (
                <option key={one.code} value={one.code}>
                  {nameOf(one, language.value)}
                </option>
              ))}
            </optgroup>
          );
        })}
      </Choice>
      <Choice label={say.party} value={filters.party} onChange={(value) => state.set("party", value)}>
        <option value="">{say.any}</option>
        {region.parties.map((one) => (
          <option key={one.code} value={one.code}>
            {nameOf(one, language.value)}
          </option>
        ))}
      </Choice>
      <Choice label={say.time} value={String(filters.hours)} onChange={(value) => state.set("hours", Number(value))}>
        <option value="0">{say.window}</option>
        {[1, 6, 24].map((hours) => (
          <option key={hours} value={String(hours)}>
            {say.within(hours)}
          </option>
        ))}
      </Choice>
      <Choice
        label={say.state}
        value={filters.state}
        onChange={(value) => state.set("state", value as typeof filters.state)}
      >
        <option value="standing">{say.standing}</option>
        <option value="ended">{say.ended}</option>
        <option value="all">{say.any}</option>
      </Choice>
      {changed && (
        <button type="button" class="plain" onClick={() => (state.filters.value = OPEN)}>
          {say.reset}
        </button>
      )}
    </section>
  );
}
