// Devices and neighbouring systems.

import { useState } from "preact/hooks";
import type { TokenView } from "../contract/openapi";
import { dayAfter, longTime } from "../core/clock";
import { nameOf } from "../core/region";
import { useAct } from "../panels/act";
import { language, texts } from "../texts";
import { addToken, revokeToken, tokens } from "./doors";
import { AgencyChoice, Labelled, Once, Sure, Table, why, type Secret } from "./parts";
import { useList, type Office } from "./state";

function NewToken({ office, made }: { office: Office; made: (secret: Secret) => void }) {
  const say = texts.value.admin;
  const { busy, failed, run } = useAct();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const values = new FormData(form);
    const text = (name: string) => String(values.get(name) ?? "").trim();
    const last = text("ends");
    void run(async () => {
      const { token, secret } = await addToken({
        name: text("name"),
        agency: text("agency"),
        scopes: values.getAll("scope").map(String),
        ...(last ? { ends_at: dayAfter(last, office.region.view.time_zone) } : {}),
      });
      form.reset();
      made({ title: say.newSecret(token.name), text: secret });
    });
  };
  return (
    <form class="new" aria-label={say.newToken} onSubmit={submit}>
      <h3>
        {say.newToken} <small>{say.newTokenNote}</small>
      </h3>
      <Labelled label={say.tokenName}>
        {(id) => <input id={id} name="name" required maxLength={64} autoComplete="off" />}
      </Labelled>
      <AgencyChoice office={office} />
      <Labelled label={say.ends}>{(id) => <input id={id} name="ends" type="date" />}</Labelled>
      <fieldset>
        <legend>{say.scopes}</legend>
        {Object.entries(say.scope).map(([scope, name]) => (
          <label key={scope} title={scope}>
            <input type="checkbox" name="scope" value={scope} /> {name}
          </label>
        ))}
      </fieldset>
      <button type="submit" disabled={busy}>
        {say.add}
      </button>
      {failed && <p role="alert">{why(failed)}</p>}
    </form>
  );
}

/** The section of tokens. */
export function Tokens({ office }: { office: Office }) {
  const say = texts.value.admin;
  const list = useList(tokens);
  const [secret, tell] = useState<Secret | null>(null);
  const zone = office.region.view.time_zone;
  const made = (told: Secret) => {
    tell(told);
    void list.again();
  };
  const revoke = async ({ id }: TokenView) => {
    await revokeToken(id);
    await list.again();
  };
  const state = ({ revoked_at, ends_at }: TokenView) => {
    if (revoked_at !== null) return say.revoked;
    return ends_at !== null && ends_at <= Date.now() ? say.over : say.active;
  };
  const head = [say.tokenName, say.agency, say.scopes, say.created, say.lastUse, say.ends, say.state, say.acts];
  return (
    <>
      <NewToken office={office} made={made} />
      {secret && <Once key={secret.text} secret={secret} close={() => tell(null)} />}
      <Table list={list} empty={say.noTokens} head={head}>
        {(token) => (
          <tr key={token.id} class={state(token) === say.active ? "" : "off"}>
            <th scope="row">{token.name}</th>
            <td>{nameOf(token.agency, language.value, token.agency.code)}</td>
            <td class="many">
              {token.scopes.map((scope) => (
                <span key={scope} title={scope}>
                  {say.scope[scope] ?? scope}
                </span>
              ))}
            </td>
            <td class="when">{longTime(token.created_at, zone)}</td>
            <td class="when">{token.last_use === null ? say.never : longTime(token.last_use, zone)}</td>
            <td class="when">{token.ends_at === null ? say.noEnd : longTime(token.ends_at, zone)}</td>
            <td>{state(token)}</td>
            <td class="acts">{token.revoked_at === null && <Sure of={token.name} act={() => revoke(token)}>{say.revoke}</Sure>}</td>
          </tr>
        )}
      </Table>
    </>
  );
}
