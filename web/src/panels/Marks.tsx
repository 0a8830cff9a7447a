// Says plainly when what is shown is not of the field, and how fast its clock goes.

import { useEffect, useRef, useState } from "preact/hooks";
import type { StatsFrame } from "../contract/openapi";
import { texts } from "../texts";
import { Tempo } from "./tempo";

/** One mark for each kind of provenance other than the field. */
export function Marks({ stats }: { stats: StatsFrame | null }) {
  const tempo = useRef(new Tempo());
  const [times, set] = useState(1);
  useEffect(() => {
    if (stats) set(tempo.current.hear(performance.now(), stats.at));
  }, [stats]);
  return (
    <>
      {stats?.provenance.map((kind) =>
        kind === "live" ? null : (
          <strong class="mark" key={kind}>
            {texts.value.provenance[kind]}
            {times > 1 && ` ${texts.value.tempo(times)}`}
          </strong>
        ),
      )}
    </>
  );
}
