// The key figures: today's incidents by party and matter, units on duty.

import { SIDE_BY_SIDE } from "../core/colours";
import type { Live } from "../core/live";
import { nameOf } from "../core/region";
import { partyColour } from "../map/palette";
import { UnitGlyph } from "../panels/Glyph";
import { count, language, texts } from "../texts";

/** So many rows of parties and matters together have room; the rest are summed up. */
const ROWS = 10;
const PARTIES = SIDE_BY_SIDE + 1;

/** The row of all the others; it has no bar, since it would outshine them. */
const REST = "rest";

interface Row {
  key: string;
  name: string;
  value: number;
  colour?: string;
}

type Told = (code: string) => Omit<Row, "key" | "value">;

/** The rows with most first, the rest summed up; all of them in one order where they have room and it is `fixed`. */
function ranked(of: Record<string, number>, row: Told, most: number, rest: string, fixed = false): Row[] {
  const byKey = (a: Row, b: Row) => a.key.localeCompare(b.key);
  const all = Object.entries(of).map(([key, value]) => ({ key, value, ...row(key) }));
  if (fixed && all.length <= most) return all.sort(byKey);
  all.sort((a, b) => b.value - a.value || byKey(a, b));
  if (all.length <= most) return all;
  const others = all.slice(most - 1).reduce((sum, one) => sum + one.value, 0);
  return [...all.slice(0, most - 1), { key: REST, name: rest, value: others }];
}

function Bars({ title, rows, empty }: { title: string; rows: Row[]; empty: string }) {
  const most = Math.max(1, ...rows.filter((row) => row.key !== REST).map((row) => row.value));
  return (
    <section class="bars">
      <h3>{title}</h3>
      {rows.length === 0 && <p class="quiet">{empty}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.key}>
            <span class="name">
              {row.colour && <i class="chip" style={{ background: row.colour }} />}
              {row.name}
            </span>
            <b>{count(row.value)}</b>
            {row.key !== REST && (
              <span class="bar">
                <i style={{ transform: `scaleX(${row.value / most})`, ...(row.colour ? { background: row.colour } : {}) }} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The left column of the wall. */
export function Figures({ live }: { live: Live }) {
  const say = texts.value.figures;
  const stats = live.stats.value;
  const region = live.region.value;
  const name = (code: string) => nameOf(region.jurisdiction(code), language.value, code);
  const party = (code: string) => ({ name: name(code), colour: partyColour(region.colour(code)) });
  const matter = (code: string) => ({ name: nameOf(region.matter(code), language.value, code) });
  const everybody = Object.fromEntries(region.parties.map((one) => [one.code, 0]));
  const few = region.parties.length <= PARTIES;
  const matters = ROWS - Math.min(region.parties.length, PARTIES);
  const units = Object.entries(stats?.units_by_jurisdiction ?? {}).sort((a, b) => a[0].localeCompare(b[0]));
  return (
    <aside class="figures" aria-label={say.title}>
      <section class="headline">
        <h2>{say.today}</h2>
        <p class="big">{stats ? count(stats.incidents_today) : "–"}</p>
      </section>
      <Bars
        title={say.byParty}
        rows={ranked({ ...(few ? everybody : {}), ...stats?.by_jurisdiction }, party, PARTIES, say.rest, true)}
        empty={say.none}
      />
      <Bars title={say.byMatter} rows={ranked(stats?.by_matter ?? {}, matter, matters, say.rest)} empty={say.none} />
      <section class="headline units">
        <h2>{say.units}</h2>
        <p class="big">{stats ? count(stats.units_on_duty) : "–"}</p>
        <ul class="tally">
          {units.slice(0, SIDE_BY_SIDE).map(([code, value]) => (
            <li key={code}>
              <UnitGlyph colour={partyColour(region.colour(code))} />
              <span>{name(code)}</span> <b>{count(value)}</b>
            </li>
          ))}
        </ul>
      </section>
    </aside>
  );
}
