// A form that asks for texts and says why the server refused.

import { useId } from "preact/hooks";
import { useAct } from "../panels/act";
import { texts } from "../texts";

/** One text that is asked for. */
export interface Field {
  name: string;
  label: string;
  kind?: "password";
  complete?: "username" | "current-password" | "new-password";
  hint?: string;
  /** Values to choose from, with what they are called. */
  options?: readonly { value: string; name: string }[];
}

function why(status: number): string {
  const { door, refused } = texts.value;
  if (status === 0) return refused.silent;
  if (status === 401) return door.wrong;
  if (status === 429) return door.slower;
  if (status === 404) return door.noCode;
  if (status === 409) return door.taken;
  if (status === 403) return refused.forbidden;
  return status < 500 ? door.weak : refused.trouble;
}

/** Asks for `fields`, and hands them to `send`. */
export function Form({ fields, act, send }: {
  fields: readonly Field[];
  act: string;
  send: (values: Record<string, string>) => Promise<void>;
}) {
  const id = useId();
  const { busy, failed, run } = useAct();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    void run(() => send(values));
  };
  return (
    <form onSubmit={submit}>
      {fields.map((field) => {
        const own = { id: id + field.name, name: field.name, required: true, maxLength: 200 };
        const complete = field.complete ?? "off";
        return (
          <p key={field.name}>
            <label for={own.id}>{field.label}</label>
            {field.options ? (
              <select id={own.id} name={field.name} required>
                <option value="" />
                {field.options.map(({ value, name }) => (
                  <option key={value} value={value}>
                    {name}
                  </option>
                ))}
              </select>
            ) : field.kind === "password" ? (
              <input type="password" autoComplete={complete} {...own} />
            ) : (
              <input type="text" autoComplete={complete} {...own} />
            )}
            {field.hint && <small>{field.hint}</small>}
          </p>
        );
      })}
      <button type="submit" disabled={busy}>
        {act}
      </button>
      {failed && <p role="alert">{why(failed.status)}</p>}
    </form>
  );
}
