// The small parts of the sections: choices, buttons that ask back, secrets shown once.

import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import type { Role } from "../contract/openapi";
import type { Refused } from "../core/persist";
import { nameOf } from "../core/region";
import { asBefore, useAct } from "../panels/act";
import { language, texts } from "../texts";
import { within, type List, type Office } from "./state";

/** Why something was refused, in a few words. */
export function why(refused: Refused): string {
  const { admin, refused: say } = texts.value;
  const { status, field } = refused;
  if (status === 0) return say.silent;
  if (status === 401 || status === 403) return say.forbidden;
  if (status === 409) return asBefore(refused) ?? admin.taken;
  if (status === 429) return say.tooMuch;
  if (status < 500) return field ? admin.wrongField(admin.fields[field] ?? field) : say.wrong;
  return say.trouble;
}

/** A control under its name. */
export function Labelled({ label, hint, children }: { label: string; hint?: string; children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children(id)}
      {hint && <small>{hint}</small>}
    </div>
  );
}

/** A choice among the agencies within one's own. */
export function AgencyChoice({ office, value }: { office: Office; value?: string }) {
  const own = office.session.agency?.code;
  const known = within(office.region, own);
  const chosen = value ?? own;
  return (
    <Labelled label={texts.value.admin.agency}>
      {(id) => (
        <select id={id} name="agency" value={chosen}>
          {chosen && !known.some((one) => one.code === chosen) && <option value={chosen}>{chosen}</option>}
          {known.map((one) => (
            <option key={one.code} value={one.code} selected={one.code === chosen}>
              {one.code} {nameOf(one, language.value)}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

/** A choice among the roles that may be given; walls come in by their code. */
export function RoleChoice({ office, value = "officer" }: { office: Office; value?: Role }) {
  const say = texts.value.admin;
  const given: readonly Role[] = office.session.roles.filter((role) => role !== "wall");
  const roles = given.includes(value) ? given : [...given, value];
  return (
    <Labelled label={say.role}>
      {(id) => (
        <select id={id} name="role">
          {roles.map((role) => (
            <option key={role} value={role} selected={role === value}>
              {say.roles[role]}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

/** A button that asks back before it acts; `of` says to whoever hears it alone what it is of. */
export function Sure({ act, of, children }: { act: () => Promise<unknown>; of: string; children: string }) {
  const [armed, arm] = useState(false);
  const { busy, failed, run } = useAct();
  const pressed = () => {
    if (armed) void run(act);
    arm(!armed);
  };
  const said = armed ? texts.value.admin.sure(children) : children;
  return (
    <>
      <button
        type="button"
        class={armed ? "plain armed" : "plain"}
        aria-label={`${said} ${of}`}
        disabled={busy}
        onClick={pressed}
        onBlur={() => arm(false)}
      >
        {said}
      </button>
      {failed && <span role="alert">{why(failed)}</span>}
    </>
  );
}

/** Something that is shown once. */
export interface Secret {
  title: string;
  text: string;
}

/** Shows a secret until it is put away. */
export function Once({ secret, close }: { secret: Secret; close: () => void }) {
  const say = texts.value.admin;
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    field.current?.select();
    try {
      await navigator.clipboard.writeText(secret.text);
    } catch {
      // Only a page that came by HTTPS may write there; the old way still may.
      document.execCommand("copy");
    }
    setCopied(true);
  };
  return (
    <section class="once" role="status">
      <Labelled label={secret.title} hint={say.once}>
        {(id) => <input id={id} ref={field} readOnly value={secret.text} onFocus={(event) => event.currentTarget.select()} />}
      </Labelled>
      <button type="button" onClick={() => void copy()}>
        {copied ? say.copied : say.copy}
      </button>
      <button type="button" class="plain" onClick={close}>
        {say.kept}
      </button>
    </section>
  );
}

/** A table of a list, or why there is none. */
export function Table<T>({ list, head, empty, children }: {
  list: List<T>;
  head: readonly string[];
  empty: string;
  children: (row: T) => ComponentChildren;
}) {
  const say = texts.value;
  if (list.failed) {
    return (
      <p role="alert">
        {say.admin.loadFailed(why(list.failed))}{" "}
        <button type="button" class="plain" onClick={() => void list.again()}>
          {say.admin.again}
        </button>
      </p>
    );
  }
  if (!list.rows) return <p class="quiet">{say.desk.loading}</p>;
  if (list.rows.length === 0) return <p class="quiet">{empty}</p>;
  return (
    <table>
      <thead>
        <tr>
          {head.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{list.rows.map(children)}</tbody>
    </table>
  );
}
