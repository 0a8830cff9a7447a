// Who is signed in: walls first, then people.

import type { SessionRow } from "../contract/openapi";
import { longTime } from "../core/clock";
import { nameOf } from "../core/region";
import { language, texts } from "../texts";
import { endSession, sessions } from "./doors";
import { Sure, Table } from "./parts";
import { useList, type List, type Office } from "./state";

function Rows({ office, list, title, empty }: { office: Office; list: List<SessionRow>; title: string; empty: string }) {
  const say = texts.value.admin;
  const zone = office.region.view.time_zone;
  const end = async ({ id }: SessionRow) => {
    await endSession(id);
    await list.again();
  };
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <Table list={list} empty={empty} head={[say.name, say.role, say.agency, say.since, say.lastUse, say.address, say.agent, say.acts]}>
        {(row) => (
          <tr key={row.id}>
            <th scope="row">{row.name}</th>
            <td>{say.roles[row.role]}</td>
            <td>{nameOf(row.agency, language.value, row.agency.code)}</td>
            <td class="when">{longTime(row.created_at, zone)}</td>
            <td class="when">{longTime(row.last_use, zone)}</td>
            <td>{row.address ?? "–"}</td>
            <td class="agent" title={row.agent}>
              {row.agent}
            </td>
            <td class="acts">{row.current ? say.current : <Sure of={row.name} act={() => end(row)}>{say.end}</Sure>}</td>
          </tr>
        )}
      </Table>
    </section>
  );
}

/** The section of sessions. */
export function Sessions({ office }: { office: Office }) {
  const say = texts.value.admin;
  const list = useList(sessions);
  const only = (walls: boolean): List<SessionRow> => ({
    ...list,
    rows: list.rows?.filter((row) => (row.role === "wall") === walls) ?? null,
  });
  return (
    <>
      <Rows office={office} list={only(true)} title={say.walls} empty={say.noWalls} />
      <Rows office={office} list={only(false)} title={say.people} empty="" />
    </>
  );
}
