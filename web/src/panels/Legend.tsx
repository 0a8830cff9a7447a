// The key to the map: what its colours and shapes tell.

import type { ComponentChildren } from "preact";
import { KINDS } from "../core/fleet";
import { nameOf, type Region } from "../core/region";
import { classShapes } from "../map/shapes";
import { language, texts } from "../texts";
import { GradeGlyph, IncidentGlyph, UnitGlyph } from "./Glyph";

/** Shapes are told in the text's own colour. */
const COLOUR = "currentcolor";

function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{title}</dt>
      {children}
    </div>
  );
}

/** Grades by shape and colour, classes of matters and kinds of units by shape, and how lines are drawn. */
export function Legend({ region }: { region: Region }) {
  const say = texts.value;
  const { view } = region;
  return (
    <dl class="legend">
      <Group title={say.map.grades}>
        {[4, 3, 2, 1].map((severity) => (
          <dd key={severity}>
            <span class={`severity-${severity} graded`}>
              <GradeGlyph severity={severity} />
            </span>
            {say.severity[severity]}
          </dd>
        ))}
      </Group>
      <Group title={say.map.units}>
        {KINDS.map((kind) => (
          <dd key={kind}>
            <UnitGlyph kind={kind} colour={COLOUR} />
            {say.kind[kind]}
          </dd>
        ))}
      </Group>
      <Group title={say.map.classes}>
        {[...classShapes(view)].map(([code, shape]) => (
          <dd key={code}>
            <IncidentGlyph shape={shape} colour={COLOUR} />
            {say.map.class(nameOf(region.class(code), language.value, code))}
          </dd>
        ))}
      </Group>
      {view.layers.includes("townships") && (
        <Group title={say.map.lines}>
          <dd>
            <i class="dashes" />
            {say.map.approximate}
          </dd>
        </Group>
      )}
    </dl>
  );
}
