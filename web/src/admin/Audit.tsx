// Who did what: by period, with the chain's verification and an export.

import { useEffect, useState } from "preact/hooks";
import type { AuditCheck } from "../contract/openapi";
import { dayAfter, dayOf, dayStart, longTime } from "../core/clock";
import { useAct } from "../panels/act";
import { texts } from "../texts";
import { audit, exportAddress, verify, type AuditEntry, type AuditPage, type Period } from "./doors";
import { Labelled, Table, why } from "./parts";
import type { Office } from "./state";
import { targetOf } from "./target";

const WEEK_MS = 7 * 24 * 3_600_000;

function Verification() {
  const say = texts.value.admin;
  const [told, tell] = useState<AuditCheck | null>(null);
  const { busy, failed, run } = useAct();
  return (
    <section class="verify" aria-label={say.verify}>
      <button type="button" class="plain" disabled={busy} onClick={() => void run(async () => tell(await verify()))}>
        {busy ? say.verifying : say.verify}
      </button>
      <div role="status">
        {failed && <p class="bad">{why(failed)}</p>}
        {told?.broken && (
          <p class="bad">
            {say.brokenChain} <small lang="en">{told.broken}</small>
          </p>
        )}
        {told && !told.broken && <p class="good">{told.entries === null ? say.empty : say.holds(told.entries)}</p>}
        {told?.newest && (
          <p>
            <small>{say.newest}</small> <code>{told.newest}</code>
          </p>
        )}
      </div>
    </section>
  );
}

/** What an entry is about; what the server does not name by one of its words stays as it is. */
function targetText(target: string): string {
  const { word, names } = targetOf(target);
  const { targets } = texts.value.admin;
  const text = Object.hasOwn(targets, word) ? targets[word] : undefined;
  // A name that reads like a word, as of an account “unit”, has no number behind it.
  if (typeof text === "function") return names.length > 0 ? text(...names) : target;
  return text ?? target;
}

function Row({ entry, zone }: { entry: AuditEntry; zone: string }) {
  const say = texts.value.admin;
  const { who, outcome } = entry;
  const kind = who.kind === "person" ? undefined : say.kinds[who.kind];
  const refused = outcome === "done" ? null : outcome.refused;
  const changed = [[say.before, entry.before], [say.after, entry.after]] as const;
  return (
    <tr class={refused === null ? "" : "refused"}>
      <td class="when">{longTime(Date.parse(entry.at), zone, true)}</td>
      <td>
        {who.name} <small>{kind ?? say.roles[who.role as keyof typeof say.roles]}</small>
      </td>
      <td>{say.deeds[entry.deed] ?? entry.deed}</td>
      <td>{targetText(entry.target)}</td>
      <td>
        {refused === null ? say.done : say.refused} {refused && <small lang="en">{refused}</small>}
      </td>
      <td>{entry.address ?? "–"}</td>
      <td>
        {(entry.before !== undefined || entry.after !== undefined) && (
          <details>
            <summary>{say.details}</summary>
            <dl>
              {changed.map(([name, value]) =>
                value === undefined ? null : (
                  <div key={name}>
                    <dt>{name}</dt>
                    <dd>
                      <code>{JSON.stringify(value, null, 1)}</code>
                    </dd>
                  </div>
                ),
              )}
            </dl>
          </details>
        )}
      </td>
    </tr>
  );
}

/** The section of the audit log. */
export function Audit({ office }: { office: Office }) {
  const say = texts.value.admin;
  const zone = office.region.view.time_zone;
  const today = dayOf(Date.now(), zone);
  const period = (first: string, last: string): Period => ({ from: dayStart(first, zone), to: dayAfter(last, zone) });
  const [asked, setAsked] = useState(() => period(dayOf(Date.now() - WEEK_MS, zone), today));
  const [page, setPage] = useState<AuditPage | null>(null);
  const { busy, failed, run } = useAct();
  const read = (of: Period, before: number | null) =>
    run(async () => {
      const more = await audit(of, before);
      setPage((known) => ({ ...more, entries: before === null ? more.entries : [...(known?.entries ?? []), ...more.entries] }));
    });
  useEffect(() => void read(asked, null), [asked]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget as HTMLFormElement);
    setAsked(period(String(values.get("first")), String(values.get("last"))));
  };
  const list = { rows: page?.entries ?? null, failed, again: () => read(asked, null) };
  return (
    <>
      <form class="period" aria-label={say.sections.audit} onSubmit={submit}>
        <Labelled label={say.from}>
          {(id) => <input id={id} name="first" type="date" required max={today} defaultValue={dayOf(Date.now() - WEEK_MS, zone)} />}
        </Labelled>
        <Labelled label={say.to}>
          {(id) => <input id={id} name="last" type="date" required max={today} defaultValue={today} />}
        </Labelled>
        <button type="submit">{say.show}</button>
        <a class="button" href={exportAddress(asked)} download>
          {say.export}
        </a>
      </form>
      <Verification />
      <Table list={list} empty={say.noEntries} head={[say.time, say.who, say.deed, say.target, say.outcome, say.address, say.details]}>
        {({ number, entry }) => <Row key={number} entry={entry} zone={zone} />}
      </Table>
      {page?.next != null && (
        <button type="button" class="plain more" disabled={busy} onClick={() => void read(asked, page.next)}>
          {say.more}
        </button>
      )}
    </>
  );
}
