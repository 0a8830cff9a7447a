// The same picture as on the wall, moved by hand.

import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Chart } from "../map/chart";
import { MapKeeper } from "../map/rebuild";
import { sideNames } from "../panels/explain";
import { language } from "../texts";
import { alertStop } from "../wall/tour";
import { wanted } from "./filters";
import { CLOSEST, type DeskState } from "./state";

const PADDING = { top: 60, bottom: 60, left: 60, right: 60 };
/** How often “of the last hour” is judged anew. */
const SIFT_MS = 30_000;

export function DeskMap({ state }: { state: DeskState }) {
  const frame = useRef<HTMLDivElement>(null);
  const { live } = state;
  const region = live.region.value.land;
  useEffect(() => {
    const keeper = new MapKeeper((lost) => {
      const chart = new Chart({
        container: frame.current!,
        region,
        world: live.world,
        language: language.peek(),
        padding: PADDING,
        interactive: true,
        scale: 1,
        watch: (channels) => live.watch(channels),
        lost,
        choose: (id) => (state.chosen.value = id),
      });
      live.show(chart);
      state.map.value = chart;
      const sift = () => {
        const filters = state.filters.value;
        const party = filters.party;
        chart.filter(
          wanted(live.world.incidents, filters, region, live.world.at),
          party ? (agency) => region.at(agency, region.view.level)?.code === party : undefined,
        );
      };
      const timer = setInterval(() => state.filters.peek().hours > 0 && sift(), SIFT_MS);
      const stops = [
        effect(() => chart.speak(language.value)),
        effect(sift),
        effect(() => {
          const chosen = state.chosen.value;
          const alert = live.alerts.value.find((one) => one.id === chosen);
          chart.showAlerts(state.shown.value, chosen);
          chart.nameSides(alert, alert ? sideNames(live, alert) : []);
        }),
        effect(() => {
          const alert = live.world.alerts.get(state.chosen.value ?? -1);
          if (alert) chart.visit(alertStop(alert).bounds, 900, CLOSEST);
        }),
      ];
      return {
        get lost() {
          return chart.lost;
        },
        remove() {
          for (const stop of stops) stop();
          clearInterval(timer);
          live.show(undefined);
          state.map.value = null;
          chart.remove();
        },
      };
    });
    return () => keeper.close();
  }, [live, region, state]);
  return <div class="map" ref={frame} />;
}
