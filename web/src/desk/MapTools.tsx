// What the desk's map is worked by, beside mouse and arrows: nearer, further, home, all
// alerts; and how far is how far.

import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { scaleBar } from "../map/scale_bar";
import { texts } from "../texts";
import type { DeskState } from "./state";

/** The bar's room, pixels. */
const BAR_PX = 110;

interface ToolProps {
  label: string;
  keys?: string | undefined;
  act: () => void;
  children: ComponentChildren;
}

function Tool({ label, keys, act, children }: ToolProps) {
  return (
    <button type="button" aria-label={label} title={keys ? `${label} (${keys})` : label} aria-keyshortcuts={keys} onClick={act}>
      <svg viewBox="0 0 20 20" aria-hidden="true">{children}</svg>
    </button>
  );
}

/** The scale as it is where the map looks. */
function Scale({ state }: { state: DeskState }) {
  const chart = state.map.value;
  const [metres_px, set] = useState<number | null>(null);
  useEffect(() => chart?.onView(() => set(chart.metresPerPixel)), [chart]);
  if (!chart || metres_px === null) return null;
  const { metres, pixels } = scaleBar(metres_px, BAR_PX);
  return (
    <p class="scale" style={{ width: `${pixels}px` }} title={texts.value.map.scale}>
      {texts.value.map.length(metres)}
    </p>
  );
}

/** Buttons and scale, over the lower right of the map. */
export function MapTools({ state }: { state: DeskState }) {
  const say = texts.value.map;
  const { map } = state;
  return (
    <div class="tools">
      <Scale state={state} />
      <div role="group" aria-label={say.tools}>
        <Tool label={say.nearer} act={() => map.peek()?.zoomBy(1)}><path d="M10 4v12M4 10h12" /></Tool>
        <Tool label={say.further} act={() => map.peek()?.zoomBy(-1)}><path d="M4 10h12" /></Tool>
        <Tool label={say.home} keys={state.letters.value ? "H" : undefined} act={() => map.peek()?.home()}>
          <path d="M3 10l7-6 7 6M5.500 8.500V16h9V8.500" />
        </Tool>
        <Tool label={say.allAlerts} act={() => state.seeAll()}><path d="M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4M10 8v4M8 10h4" /></Tool>
      </div>
    </div>
  );
}
