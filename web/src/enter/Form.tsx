// A form that asks for texts and says why the server refused, at the field that is
// at fault where it names one.

import { useEffect, useId } from "preact/hooks";
import type { Refused } from "../core/persist";
import { asBefore, useAct } from "../panels/act";
import { texts } from "../texts";
import type { Group } from "./agencies";

/** One text that is asked for. */
export interface Field {
  name: string;
  label: string;
  /** `code`: digits, as an authenticator shows them. */
  kind?: "password" | "code";
  complete?: "username" | "current-password" | "new-password" | "one-time-code";
  hint?: string;
  /** What it must be, said when the server refuses it. */
  rule?: string;
  /** Values to choose from, with what they are called. */
  choices?: readonly Group[];
}

interface Props {
  fields: readonly Field[];
  act: string;
  send: (values: Record<string, string>) => Promise<void>;
  /** What a status, or a kind of problem, means here. */
  refusals?: Partial<Record<number | string, string>>;
}

function why(failed: Refused, refusals: Props["refusals"]): string {
  const { status } = failed;
  const { door, refused } = texts.value;
  if (status === 0) return refused.silent;
  if (status === 429) return door.slower;
  if (status >= 500) return refused.trouble;
  return asBefore(failed) ?? refusals?.[failed.kind ?? ""] ?? refusals?.[status] ?? (status === 403 ? refused.forbidden : refused.wrong);
}

function Control({ field, id, wrong }: { field: Field; id: string; wrong: boolean }) {
  const own = { id, name: field.name, required: true, "aria-invalid": wrong, "aria-describedby": `${id}-about` };
  const typed = { ...own, autoComplete: field.complete ?? "off", maxLength: 200 } as const;
  if (field.choices) {
    return (
      <select {...own}>
        <option value="" />
        {field.choices.map(({ label, options }) => (
          <optgroup key={label} label={label}>
            {options.map(({ value, name }) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    );
  }
  if (field.kind === "password") return <input type="password" {...typed} />;
  return <input type="text" inputMode={field.kind === "code" ? "numeric" : undefined} {...typed} />;
}

/** Asks for `fields`, hands them to `send`, and is empty again once they were taken. */
export function Form({ fields, act, send, refusals }: Props) {
  const id = useId();
  const { busy, failed, run } = useAct();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    void run(() => send(values).then(() => form.reset()));
  };
  const fault = failed && fields.find(({ name }) => name === failed.field);
  useEffect(() => {
    if (fault) document.getElementById(id + fault.name)?.focus();
  }, [failed]);
  return (
    <form onSubmit={submit}>
      {fields.map((field) => (
        <p key={field.name}>
          <label for={id + field.name}>{field.label}</label>
          <Control field={field} id={id + field.name} wrong={field === fault} />
          <small id={`${id}${field.name}-about`} role={field === fault ? "alert" : undefined}>
            {field === fault ? field.rule ?? texts.value.refused.wrong : field.hint}
          </small>
        </p>
      ))}
      <button type="submit" disabled={busy}>
        {act}
      </button>
      {failed && !fault && <p role="alert">{why(failed, refusals)}</p>}
    </form>
  );
}
