// Who can sign in.

import { useState } from "preact/hooks";
import type { AccountView, Role } from "../contract/openapi";
import { longTime } from "../core/clock";
import { nameOf } from "../core/region";
import { useAct } from "../panels/act";
import { language, texts } from "../texts";
import { accounts, addAccount, changeAccount, resetFactor, resetPassword, type Person } from "./doors";
import { AgencyChoice, Labelled, Once, RoleChoice, Sure, Table, why, type Secret } from "./parts";
import { useList, type Office } from "./state";

/** What of a person a form holds. */
function personOf(form: HTMLFormElement): Person {
  const values = new FormData(form);
  const text = (name: string) => String(values.get(name) ?? "").trim();
  return { display: text("display"), agency: text("agency"), role: text("role") as Role };
}

function NewAccount({ office, made }: { office: Office; made: (secret: Secret) => void }) {
  const say = texts.value.admin;
  const { busy, failed, run } = useAct();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const name = String(new FormData(form).get("name")).trim();
    void run(async () => {
      const { account, password } = await addAccount(name, personOf(form));
      form.reset();
      made({ title: say.newPassword(account.name), text: password ?? "" });
    });
  };
  return (
    <form class="new" aria-label={say.newAccount} onSubmit={submit}>
      <h3>
        {say.newAccount} <small>{say.newAccountNote}</small>
      </h3>
      <Labelled label={say.name}>
        {(id) => <input id={id} name="name" required maxLength={64} autoComplete="off" />}
      </Labelled>
      <Labelled label={say.display}>
        {(id) => <input id={id} name="display" maxLength={64} autoComplete="off" placeholder={say.displayHint} />}
      </Labelled>
      <AgencyChoice office={office} />
      <RoleChoice office={office} />
      <button type="submit" disabled={busy}>
        {say.add}
      </button>
      {failed && <p role="alert">{why(failed)}</p>}
    </form>
  );
}

function Change({ office, account, done }: { office: Office; account: AccountView; done: () => void }) {
  const say = texts.value.admin;
  const { busy, failed, run } = useAct();
  const fixed = account.role === "wall" || account.id === office.session.account;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const { role, ...person } = personOf(event.currentTarget as HTMLFormElement);
    void run(async () => {
      await changeAccount(account.id, fixed ? person : { ...person, role });
      done();
    });
  };
  return (
    <form class="change" onSubmit={submit} aria-label={`${say.change} ${account.name}`}>
      <Labelled label={say.display}>
        {(id) => <input id={id} name="display" maxLength={64} autoComplete="off" defaultValue={account.display} />}
      </Labelled>
      <AgencyChoice office={office} value={account.agency.code} />
      {!fixed && <RoleChoice office={office} value={account.role} />}
      <button type="submit" disabled={busy}>
        {say.save}
      </button>
      <button type="button" class="plain" onClick={done}>
        {say.cancel}
      </button>
      {failed && <p role="alert">{why(failed)}</p>}
    </form>
  );
}

/** The section of accounts. */
export function Accounts({ office }: { office: Office }) {
  const say = texts.value.admin;
  const list = useList(accounts);
  const [secret, tell] = useState<Secret | null>(null);
  const [open, setOpen] = useState<number | null>(null);
  const after = async (act: Promise<unknown>) => {
    await act;
    await list.again();
  };
  const reset = async ({ id, name }: AccountView) => {
    const { password } = await resetPassword(id);
    tell({ title: say.newPassword(name), text: password ?? "" });
  };
  const toggle = ({ id, disabled }: AccountView) => after(changeAccount(id, { disabled: !disabled }));
  const made = (told: Secret) => {
    tell(told);
    void list.again();
  };
  const changed = () => {
    setOpen(null);
    void list.again();
  };
  const combined = list.rows?.filter(({ role, disabled }) => role === "admin" && !disabled) ?? [];
  return (
    <>
      {combined.length > 0 && (
        <p class="advice" role="note">
          {say.combined(combined.map(({ name }) => name).join(language.value === "en" ? ", " : "、"))}
        </p>
      )}
      <NewAccount office={office} made={made} />
      {secret && <Once key={secret.text} secret={secret} close={() => tell(null)} />}
      <Table list={list} empty="" head={[say.name, say.display, say.agency, say.role, say.state, say.factor, say.created, say.acts]}>
        {(account) => {
          const own = account.id === office.session.account;
          return [
            <tr key={account.id} class={account.disabled ? "off" : ""}>
              <th scope="row">{account.name}</th>
              <td>{account.display}</td>
              <td>{nameOf(account.agency, language.value, account.agency.code)}</td>
              <td>{say.roles[account.role]}</td>
              <td>{account.disabled ? say.disabled : own ? say.own : say.active}</td>
              <td>{account.second_factor ? say.factorOn : say.factorOff}</td>
              <td class="when">{longTime(account.created_at, office.region.view.time_zone)}</td>
              <td class="acts">
                <button
                  type="button"
                  class="plain"
                  aria-label={`${say.change} ${account.name}`}
                  aria-expanded={open === account.id}
                  onClick={() => setOpen(open === account.id ? null : account.id)}
                >
                  {say.change}
                </button>
                {!own && account.role !== "wall" && <Sure of={account.name} act={() => reset(account)}>{say.reset}</Sure>}
                {!own && account.second_factor && (
                  <Sure of={account.name} act={() => after(resetFactor(account.id))}>{say.resetFactor}</Sure>
                )}
                {!own && <Sure of={account.name} act={() => toggle(account)}>{account.disabled ? say.enable : say.disable}</Sure>}
              </td>
            </tr>,
            open === account.id && (
              <tr key={`change ${account.id}`}>
                <td colSpan={8}>
                  <Change office={office} account={account} done={changed} />
                </td>
              </tr>
            ),
          ];
        }}
      </Table>
    </>
  );
}
