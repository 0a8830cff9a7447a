// Small drawings: units and incidents as the map draws them, and which way a trend goes.

import type { UnitKind } from "../contract/openapi";
import { gradeShape, HIGHEST, INNER_RING } from "../map/shapes";

const UNITS: Record<UnitKind, string> = {
  car: "M0-.86.52.42 0 .2-.52.42Z",
  foot: "M-.46 0a.46.46 0 1 1 .92 0a.46.46 0 1 1-.92 0Z",
  boat: "M0-.77A.92.92 0 0 1 0 .77A.92.92 0 0 1 0-.77Z",
  drone: "M0-.65.65 0 0 .65-.65 0Z",
};

/** By the numbers of `classShapes`. */
const INCIDENTS: readonly string[] = [
  "M-.62 0a.62.62 0 1 1 1.24 0a.62.62 0 1 1-1.24 0Z",
  "M-.54-.54H.54V.54H-.54Z",
  "M0-.71.71 0 0 .71-.71 0Z",
  "M0-.84.73.42H-.73Z",
  "M-.66 0a.66.66 0 1 1 1.32 0a.66.66 0 1 1-1.32 0Z M-.34 0a.34.34 0 1 0 .68 0a.34.34 0 1 0-.68 0Z",
  "M-.2-.66H.2V-.2H.66V.2H.2V.66H-.2V.2H-.66V-.2H-.2Z",
  "M0 .84-.73-.42H.73Z",
];

function Shape({ path, colour }: { path: string; colour: string }) {
  return (
    <svg class="glyph" viewBox="-1 -1 2 2" aria-hidden="true">
      <path d={path} fill={colour} />
    </svg>
  );
}

/** A unit, heading north, in a colour. */
export function UnitGlyph({ colour, kind = "car" }: { colour: string; kind?: UnitKind }) {
  return <Shape path={UNITS[kind]} colour={colour} />;
}

/** An incident of a class, by the number of its shape. */
export function IncidentGlyph({ shape, colour }: { shape: number; colour: string }) {
  return <Shape path={INCIDENTS[shape] ?? INCIDENTS[0]!} colour={colour} />;
}

/** A grade by its shape, in the colour of its text: no eye needs the colour. */
export function GradeGlyph({ severity }: { severity: number }) {
  return (
    <svg class="glyph grade-glyph" viewBox="-1.1 -1.1 2.2 2.2" aria-hidden="true">
      <path d={gradeShape(severity)} fill={severity === HIGHEST ? "none" : "currentColor"} stroke="currentColor" stroke-width=".14" />
      {severity === HIGHEST && <path class="inner" d={INNER_RING} fill="currentColor" transform="scale(.8)" />}
    </svg>
  );
}

/** Up, down or level; `label` says it to those who do not see it. */
export function TrendGlyph({ to, label }: { to: "rising" | "falling" | "steady"; label: string }) {
  const path = { rising: "M-.7.6.1-.2M-.5-.6H.5V.4", falling: "M-.7-.6.1.2M-.5.6H.5V-.4", steady: "M-.7 0H.5M.1-.5.6 0 .1.5" }[to];
  return (
    <svg class={`glyph trend ${to}`} viewBox="-1 -1 2 2" role="img" aria-label={label}>
      <path d={path} fill="none" stroke="currentColor" stroke-width=".22" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
