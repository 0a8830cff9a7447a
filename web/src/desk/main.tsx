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
import { addressOf, alertIn } from "./address";
import { FilterBar } from "./FilterBar";
import { Inbox } from "./Inbox";
import { Key } from "./Key";
import { listen } from "./keys";
import { MapTools } from "./MapTools";
import { Settings } from "./Settings";
import { DeskState } from "./state";
import { TakeBack } from "./TakeBack";
import { Begin, Watch } from "./Watch";
import "../style/base.css";
import "../style/signs.css";
import "../style/desk.css";

function Desk({ live, visitor }: { live: Live; visitor: Visitor }) {
  const state = useMemo(() => new DeskState(live, visitor), [live, visitor]);
  useEffect(() => listen(state), [state]);
  const say = texts.value;
  const { view } = live.region.value;
  const stats = live.stats.value;
  const situation = state.open.value;
  const alert = situation?.alerts.find((one) => one.id === state.chosen.value);
  const fresh = state.fresh.value.length;
  const waiting = state.waiting.value.length;
  useEffect(() => {
    document.title = fresh > 0 ? say.titled(fresh, say.deskTitle) : say.deskTitle;
  }, [say, fresh]);
  useEffect(() => state.keepNote(), [state]);
  useEffect(() => {
    const go = () => (state.chosen.value = alertIn(location.hash));
    addEventListener("hashchange", go);
    return () => removeEventListener("hashchange", go);
  }, [state]);
  const chosen = state.chosen.value;
  useEffect(() => {
    // Where all is one column the alert is below the list.
    if (chosen !== null && matchMedia("(width < 1200px)").matches) document.querySelector(".drawer")?.scrollIntoView();
    if (alertIn(location.hash) !== chosen) history.replaceState(null, "", addressOf(chosen));
  }, [chosen]);
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
          <li class={waiting > 0 ? "waiting" : ""} title={say.alerts.counted}>
            {say.alerts.unacknowledged} <b>{stats ? count(waiting) : "–"}</b>
            <small>{say.alerts.places}</small>
          </li>
        </ul>
        <div class="right">
          <Marks stats={stats} />
          <Begin />
          <Badge link={live.link} timeZone={view.time_zone} />
          <Clock live={live} />
          <a href="/wall">{say.desk.wall}</a>
          {visitor.value && administers(visitor.value) && <a href="/admin">{say.admin.title}</a>}
          <a href="/sign-in">{visitor.value?.display ?? say.door.account}</a>
          <Settings state={state} />
          <button class="plain" type="button" aria-label={say.languageLabel} onClick={switchLanguage}>
            {say.language}
          </button>
        </div>
      </header>
      <nav class="left" aria-label={say.desk.inbox}>
        <FilterBar state={state} />
        <Inbox state={state} />
        <TakeBack state={state} />
      </nav>
      <main aria-label={say.map.label}>
        <DeskMap state={state} />
        <Key region={live.region.value} />
        <MapTools state={state} />
        <Sources region={live.region.value} />
      </main>
      <aside class="drawer" aria-label={say.tour.alert}>
        {situation && alert ? <Detail state={state} situation={situation} alert={alert} /> : <p class="quiet">{say.desk.choose}</p>}
      </aside>
      <Watch state={state} />
    </div>
  );
}

begin((live, visitor) => <Desk live={live} visitor={visitor} />);
