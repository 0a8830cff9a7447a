// The wall: nobody sits at it. It shows, leads the eye round, and mends itself.

import { effect, signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Live } from "../core/live";
import { nameOf } from "../core/region";
import { Chart } from "../map/chart";
import { MapKeeper } from "../map/rebuild";
import { Badge } from "../panels/Badge";
import { begin } from "../panels/begin";
import { Clock } from "../panels/Clock";
import { Marks } from "../panels/Marks";
import { sideNames } from "../panels/explain";
import { language, switchLanguage, texts } from "../texts";
import { AlertList } from "./AlertList";
import { Caption } from "./Caption";
import { Figures } from "./Figures";
import { Guide } from "./guide";
import { columnsOf, distanceOf, mapScaleOf, NEAREST, paddingOf, scaleOf } from "./screen";
import "../style/base.css";
import "../style/signs.css";
import "../style/wall.css";
import "../style/cards.css";
import "../style/distance.css";

/** `/wall?tour=off` is a wall that stands still. */
const TOURING = new URLSearchParams(location.search).get("tour") !== "off";

const DISTANCE = distanceOf(location.search);

/** How the page is laid out on the screen as it is now; the same object for the same screen. */
function layoutNow(before?: Layout): Layout {
  const now = { scale: scaleOf(innerWidth, innerHeight), columns: columnsOf(innerWidth, innerHeight) };
  return before && before.scale === now.scale && before.columns === now.columns ? before : now;
}

interface Layout {
  scale: number;
  columns: number;
}

const layout = signal(layoutNow());
let resizing: ReturnType<typeof setTimeout> | undefined;
addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(() => (layout.value = layoutNow(layout.peek())), 200);
});

function Map({ live, guided }: { live: Live; guided: (guide: Guide | null) => void }) {
  const frame = useRef<HTMLDivElement>(null);
  const { columns } = layout.value;
  const scale = mapScaleOf(layout.value.scale, DISTANCE);
  const region = live.region.value.land;
  useEffect(() => {
    const keeper = new MapKeeper((lost) => {
      const chart = new Chart({
        container: frame.current!,
        region,
        world: live.world,
        language: language.peek(),
        padding: paddingOf(columns, DISTANCE),
        interactive: false,
        scale,
        watch: (channels) => live.watch(channels),
        lost,
      });
      live.show(chart);
      const guide = new Guide(live, chart, TOURING);
      guided(guide);
      const stops = [
        effect(() => chart.speak(language.value)),
        effect(() => {
          const stop = guide.stop.value;
          // One sign a place: that of the alert that is looked at, or of the one that stands for all.
          const alert = stop?.kind === "alert" ? live.alerts.value.find((one) => one.id === stop.id) : undefined;
          const signs = live.situations.value.map(({ lead, alerts }) => alerts.find((one) => one === alert) ?? lead);
          chart.showAlerts(signs, alert?.id ?? null);
          chart.nameSides(alert, alert ? sideNames(live, alert) : []);
          chart.outlineZone(stop?.kind === "zone" ? stop.zone.code : null);
        }),
      ];
      return {
        get lost() {
          return chart.lost;
        },
        remove() {
          for (const stop of stops) stop();
          live.show(undefined);
          guided(null);
          guide.close();
          chart.remove();
        },
      };
    });
    return () => keeper.close();
  }, [live, region, scale, columns]);
  const style = { width: `${100 / scale}%`, height: `${100 / scale}%`, transform: `scale(${scale})` };
  return <div class="map" ref={frame} style={style} role="img" aria-label={texts.value.map.label} />;
}

function Wall({ live }: { live: Live }) {
  const [guide, setGuide] = useState<Guide | null>(null);
  const stop = guide?.stop.value ?? null;
  const say = texts.value;
  const { view } = live.region.value;
  useEffect(() => {
    document.title = texts.value.wallTitle;
  }, [say]);
  return (
    <main class={`wall ${live.link.value.fresh} columns-${layout.value.columns} distance-${DISTANCE}`}>
      <Map live={live} guided={setGuide} />
      <div class="shade" />
      <header class="top">
        <h1>
          <b>{say.product}</b>
          <span>{nameOf(view, language.value)}</span>
          <button class="language" type="button" aria-label={say.languageLabel} onClick={switchLanguage}>
            {say.language}
          </button>
        </h1>
        <div class="right">
          <Marks stats={live.stats.value} />
          <Badge link={live.link} timeZone={view.time_zone} />
          <Clock live={live} />
        </div>
      </header>
      <Figures live={live} />
      <AlertList live={live} focus={stop?.kind === "alert" ? stop.id : null} far={DISTANCE > NEAREST} />
      <Caption live={live} stop={stop} />
    </main>
  );
}

begin((live) => <Wall live={live} />);
