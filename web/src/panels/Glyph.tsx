// Small drawings: the head of a unit's arrow, and which way a trend goes.

/** An arrow head as the map draws it, in a colour. */
export function UnitGlyph({ colour }: { colour: string }) {
  return (
    <svg class="glyph" viewBox="-1 -1 2 2" aria-hidden="true">
      <path d="M0-.86.52.42 0 .2-.52.42Z" fill={colour} />
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
