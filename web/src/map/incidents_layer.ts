// Fifty thousand incidents: one draw call of points, coloured by severity, shaped by
// the class of their matter once they are near enough to tell, paler with age.

import type { Map } from "maplibre-gl";
import type { Region } from "../core/region";
import type { World } from "../core/world";
import { rgb, SEVERITY } from "./palette";
import { PointsLayer, type Uniforms } from "./points_layer";
import { classShapes } from "./shapes";

const FIELDS = [["point", 2], ["born", 1], ["look", 2]] as const;
const HOUR = 3_600_000;

const VERTEX = `
uniform mat4 matrix;
uniform float now, size, near;
uniform vec3 tints[5];
in vec2 point, look;
in float born;
out vec4 colour;
out float shape;
void main() {
  gl_Position = matrix * vec4(point, 0.0, 1.0);
  float age = max(now - born, 0.0);
  float fresh = exp(-age / 18.0);
  int severity = int(look.x);
  gl_PointSize = size * (0.7 + 0.2 * float(severity)) * mix(0.85, 1.1, fresh);
  float weight = severity >= 2 ? 1.0 : 0.75;
  colour = vec4(tints[severity], weight * mix(mix(0.16, 0.5, near), mix(0.55, 0.95, near), fresh));
  shape = near > 0.5 ? look.y : 0.0;
}`;

// Disc, square, rhomb, triangle, ring, cross, triangle on its tip: one a class of
// matters; panels/Glyph.tsx draws the same for the key.
const FRAGMENT = `
uniform float size;
in vec4 colour;
in float shape;
out vec4 pixel;
void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  vec2 q = abs(p);
  float d;
  if (shape < 0.5) d = length(p) - 0.62;
  else if (shape < 1.5) d = max(q.x, q.y) - 0.54;
  else if (shape < 2.5) d = (q.x + q.y) * 0.7071 - 0.5;
  else if (shape < 3.5) d = max(q.x * 0.866 - p.y * 0.5, p.y) - 0.42;
  else if (shape < 4.5) d = abs(length(p) - 0.5) - 0.16;
  else if (shape < 5.5) d = max(min(q.x, q.y) - 0.2, max(q.x, q.y) - 0.66);
  else d = max(q.x * 0.866 + p.y * 0.5, -p.y) - 0.42;
  float soft = 1.6 / size;
  float body = 1.0 - smoothstep(-soft, soft, d);
  float rim = (1.0 - smoothstep(-soft, soft, d - 0.2)) * 0.55;
  float alpha = max(body, rim) * colour.a;
  if (alpha < 0.01) discard;
  pixel = vec4(mix(vec3(0.03, 0.06, 0.09), colour.rgb, body) * alpha, alpha);
}`;

/** What a filter is asked about: the index of a row. */
export type Shows = (index: number) => boolean;

export class IncidentsLayer extends PointsLayer {
  readonly id = "incidents";
  private edition = -1;
  private uploaded = 0;
  private shows: Shows | undefined;
  /** Hours since 1970 from which births are told: single precision holds a window only. */
  private epoch = 0;
  private readonly classes: ReadonlyMap<string, number>;

  constructor(
    private readonly world: World,
    region: Region,
    origin: readonly [number, number],
  ) {
    super({ vertex: VERTEX, fragment: FRAGMENT, fields: FIELDS }, origin);
    const shapes = classShapes(region.view);
    this.classes = new globalThis.Map(region.view.matters.map((one) => [one.code, shapes.get(one.class) ?? 0]));
  }

  /** Shows only the rows a filter wants. */
  filter(shows: Shows | undefined): void {
    this.shows = shows;
    this.forget();
    this.changed();
  }

  /** There are more, or fewer; draws them soon. */
  changed(): void {
    this.soon(100);
  }

  protected override get count(): number {
    return this.world.incidents.count;
  }

  protected override forget(): void {
    this.edition = -1;
  }

  protected override uniforms(map: Map): Uniforms {
    const zoom = map.getZoom();
    return {
      now: this.world.at / HOUR - this.epoch,
      size: Math.min(Math.max(3.6 + (zoom - 6) * 1.25, 3.6), 16) * this.ratio(map),
      near: Math.min(Math.max((zoom - 9) / 2.5, 0), 1),
      tints: SEVERITY.map(rgb),
    };
  }

  protected override write() {
    const { incidents, at: now } = this.world;
    if (this.edition === incidents.edition && this.uploaded === incidents.count) return undefined;
    const appended = this.edition === incidents.edition && this.uploaded < incidents.count;
    const first = appended ? this.uploaded : 0;
    if (!appended) this.epoch = Math.floor(now / HOUR);
    this.room(incidents.id.length);
    const { data, origin, floats } = this;
    const shapes = incidents.matters.texts.map((code) => this.classes.get(code) ?? 0);
    for (let i = first, at = first * floats; i < incidents.count; i++, at += floats) {
      data[at] = this.shows && !this.shows(i) ? 9 : incidents.x[i]! - origin[0];
      data[at + 1] = incidents.y[i]! - origin[1];
      data[at + 2] = incidents.at[i]! / HOUR - this.epoch;
      data[at + 3] = incidents.severity[i]!;
      data[at + 4] = shapes[incidents.matter[i]!]!;
    }
    this.edition = incidents.edition;
    this.uploaded = incidents.count;
    return { first: first * floats, end: incidents.count * floats };
  }
}
