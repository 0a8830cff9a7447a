// Twenty thousand moving units: one draw call of points, each turned to its course.
// Between two fixes the graphics card glides them; the page only uploads what is new.

import type { CustomLayerInterface, CustomRenderMethodInput, Map } from "maplibre-gl";
import type { Fleet } from "../core/fleet";
import type { Region } from "../core/region";
import { Column, matrixFrom, program } from "./gl";
import { partyColour, rgb } from "./palette";

const FIELDS = [["from", 2], ["to", 2], ["time", 2], ["look", 2], ["tint", 3]] as const;
const FLOATS = 11;

const VERTEX = `
uniform mat4 matrix;
uniform float now, size;
in vec2 from, to, time, look;
in vec3 tint;
out vec3 colour;
out float course, kind;
void main() {
  float done = time.y > 0.0 ? clamp((now - time.x) / time.y, 0.0, 1.0) : 1.0;
  gl_Position = matrix * vec4(mix(from, to, done), 0.0, 1.0);
  gl_PointSize = size;
  colour = tint;
  course = look.x;
  kind = look.y;
}`;

// Signed distances in a square of ±1, north up: an arrow head for cars, a leaf for
// boats, a rhomb for drones, a disc for people and for whoever has no course.
const FRAGMENT = `
uniform float turn, size;
in vec3 colour;
in float course, kind;
out vec4 pixel;
float arrow(vec2 p) {
  p.x = abs(p.x);
  float side = dot(p - vec2(0.0, -0.86), normalize(vec2(1.5, -0.62)));
  float notch = dot(p - vec2(0.0, 0.34), normalize(vec2(-0.36, 1.0)));
  return max(side, notch);
}
void main() {
  vec2 p = gl_PointCoord * 2.0 - 1.0;
  float shape;
  if (course < 0.0 || kind == 1.0) {
    shape = length(p) - 0.46;
  } else {
    float angle = radians(course - turn);
    p = mat2(cos(angle), -sin(angle), sin(angle), cos(angle)) * p;
    if (kind == 2.0) shape = length(vec2(abs(p.x) + 0.5, p.y)) - 0.92;
    else if (kind == 3.0) shape = (abs(p.x) + abs(p.y)) * 0.7071 - 0.46;
    else shape = arrow(p);
  }
  float soft = 2.0 / size;
  float body = 1.0 - smoothstep(-soft, soft, shape + 0.05);
  float rim = 1.0 - smoothstep(-soft, soft, shape - 0.16);
  float alpha = max(body, rim * 0.75);
  if (alpha < 0.02) discard;
  pixel = vec4(mix(vec3(0.03, 0.06, 0.09), colour, body) * alpha, alpha);
}`;

/** The layer; {@link moved} says that the fleet has changed. */
export class UnitsLayer implements CustomLayerInterface {
  readonly id = "units";
  readonly type = "custom" as const;
  private map: Map | undefined;
  private gl: WebGL2RenderingContext | undefined;
  private used: WebGLProgram | undefined;
  private column: Column | undefined;
  private array: WebGLVertexArrayObject | undefined;
  private data = new Float32Array(0);
  private drawn = -1;
  private epoch = 0;
  /** The page's time at which the last glide ends. */
  private restless = 0;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private shows: ((agency: string) => boolean) | undefined;

  constructor(
    private readonly fleet: Fleet,
    private readonly region: Region,
    private readonly origin: readonly [number, number],
  ) {}

  onAdd(map: Map, gl: WebGL2RenderingContext): void {
    this.map = map;
    this.gl = gl;
    this.used = program(gl, VERTEX, FRAGMENT);
    this.column = new Column(gl);
    this.array = gl.createVertexArray();
    this.drawn = -1;
  }

  onRemove(): void {
    clearTimeout(this.waiting);
    this.column?.free();
  }

  /** Shows the units of some agencies only. */
  filter(shows: ((agency: string) => boolean) | undefined): void {
    this.shows = shows;
    this.drawn = -1;
    this.moved();
  }

  /** The fleet changed; draws it soon, at most so often as the eye can use. */
  moved(): void {
    this.later(this.map && this.map.getZoom() < 9 ? 400 : 40);
  }

  render(_gl: unknown, input: CustomRenderMethodInput): void {
    const { gl, used, column, array, map } = this;
    if (!gl || !used || !column || !array || !map) return;
    const now = performance.now();
    gl.useProgram(used);
    gl.bindVertexArray(array);
    if (this.drawn !== this.fleet.version) this.upload(column, used, now);
    if (this.fleet.count > 0) {
      const zoom = map.getZoom();
      const size = Math.min(Math.max(8 + (zoom - 6) * 2.4, 8), 27) * map.getPixelRatio();
      const at = (name: string) => gl.getUniformLocation(used, name);
      gl.uniformMatrix4fv(at("matrix"), false, matrixFrom(input, this.origin));
      gl.uniform1f(at("now"), now - this.epoch);
      gl.uniform1f(at("size"), size);
      gl.uniform1f(at("turn"), map.getBearing());
      gl.enable(gl.BLEND);
      gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
      gl.disable(gl.DEPTH_TEST);
      gl.drawArrays(gl.POINTS, 0, this.fleet.count);
      // Far out a glide is less than a pixel: only what is new is drawn.
      if (zoom >= 10 && now < this.restless) this.later(50);
    }
    gl.bindVertexArray(null);
  }

  private later(ms: number): void {
    if (this.waiting !== undefined) return;
    this.waiting = setTimeout(() => {
      this.waiting = undefined;
      this.map?.triggerRepaint();
    }, ms);
  }

  private upload(column: Column, used: WebGLProgram, now: number): void {
    const { fleet, region, origin } = this;
    const agencies = fleet.agencies.texts;
    const tints = agencies.map((code) => rgb(partyColour(region.party(code))));
    const shown = this.shows && agencies.map(this.shows);
    if (this.data.length < fleet.id.length * FLOATS) this.data = new Float32Array(fleet.id.length * FLOATS);
    const { data } = this;
    this.epoch = now;
    this.restless = 0;
    let at = 0;
    for (let slot = 0; slot < fleet.count; slot++) {
      const agency = fleet.agency[slot]!;
      const tint = tints[agency]!;
      const hidden = shown && !shown[agency];
      const since = fleet.since[slot]!;
      const glide = fleet.glide[slot]!;
      if (since + glide > this.restless) this.restless = since + glide;
      data[at] = hidden ? 9 : fleet.fromX[slot]! - origin[0];
      data[at + 1] = fleet.fromY[slot]! - origin[1];
      data[at + 2] = hidden ? 9 : fleet.x[slot]! - origin[0];
      data[at + 3] = fleet.y[slot]! - origin[1];
      data[at + 4] = since - now;
      data[at + 5] = glide;
      data[at + 6] = fleet.course[slot]!;
      data[at + 7] = fleet.kind[slot]!;
      data[at + 8] = tint[0];
      data[at + 9] = tint[1];
      data[at + 10] = tint[2];
      at += FLOATS;
    }
    column.write(data, 0, at);
    column.lay(used, FIELDS);
    this.drawn = fleet.version;
  }
}
