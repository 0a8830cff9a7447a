// The duty officer's desk.

import { useEffect, useMemo } from "preact/hooks";
import type { Live } from "../core/live";
import { nameOf } from "../core/region";
import { administers } from "../core/session";
import { Badge } from "../panels/Badge";
import { begin, type Visitor } from "../panels/begin";
import { Clock } from "../panels/Clock";
import { Marks } from "../panels/Marks";
import { Sources } from "../panels/Sources";
import { count, language, switchLanguage, texts } from "../texts";
import { Detail } from "./Detail";
import { DeskMap } from "./DeskMap";
import { FilterBar } from "./FilterBar";
import { Inbox } from "./Inbox";
import { Key } from "./Key";
import { listen } from "./keys";
import { DeskState } from "./state";
import "../style/base.css";
import "../style/signs.css";
import "../style/desk.css";

function Desk({ live, visitor }: { live: Live; visitor: Visitor }) {
  const state = useMemo(() => new DeskState(live, visitor), [live, visitor]);
  useEffect(() => listen(state), [state]);
  const say = texts.value;
  const { view } = live.region.value;
  const stats = live.stats.value;
  const alert = live.alerts.value.find((one) => one.id === state.chosen.value);
  useEffect(() => {
    document.title = say.deskTitle;
  }, [say]);
  return (
    <div class={`desk ${live.link.value.fresh}`}>
      <header class="top">
        <h1>
          <b>{say.product}</b> <span>{nameOf(view, language.value)}</span>
        </h1>
        <ul class="brief">
          <li>
            {say.figures.today} <b>{stats ? count(stats.incidents_today) : "–"}</b>
          </li>
          <li>
            {say.figures.units} <b>{stats ? count(stats.units_on_duty) : "–"}</b>
          </li>
          <li>
            {say.alerts.unacknowledged} <b>{stats ? count(stats.alerts_unacknowledged) : "–"}</b>
          </li>
        </ul>
        <div class="right">
          <Marks stats={stats} />
          <Badge link={live.link} timeZone={view.time_zone} />
          <Clock live={live} />
          <a href="/wall">{say.desk.wall}</a>
          {visitor.value && administers(visitor.value) && <a href="/admin">{say.admin.title}</a>}
          <a href="/sign-in">{visitor.value?.display ?? say.door.account}</a>
          <button class="plain" type="button" aria-label={say.languageLabel} onClick={switchLanguage}>
            {say.language}
          </button>
        </div>
      </header>
      <nav class="left" aria-label={say.desk.inbox}>
        <FilterBar state={state} />
        <Inbox state={state} />
      </nav>
      <main aria-label={say.map.label}>
        <DeskMap state={state} />
        <Key region={live.region.value} />
        <Sources region={live.region.value} />
      </main>
      <aside class="drawer" aria-label={say.tour.alert}>
        {alert ? <Detail state={state} alert={alert} /> : <p class="quiet">{say.desk.choose}</p>}
      </aside>
    </div>
  );
}

begin((live, visitor) => <Desk live={live} visitor={visitor} />);
