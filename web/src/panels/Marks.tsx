// Says plainly when what is shown is not of the field.

import type { StatsFrame } from "../contract/openapi";
import { texts } from "../texts";

/** One mark for each kind of provenance other than the field. */
export function Marks({ stats }: { stats: StatsFrame | null }) {
  return (
    <>
      {stats?.provenance.map((kind) =>
        kind === "live" ? null : (
          <strong class="mark" key={kind}>
            {texts.value.provenance[kind]}
          </strong>
        ),
      )}
    </>
  );
}
