// Twenty thousand moving units: one draw call of points, each turned to its course.
// Between two fixes the graphics card glides them; the page only uploads what is new.

import type { Map } from "maplibre-gl";
import { silence } from "../core/fleet";
import { mercatorX, mercatorY } from "../core/mercator";
import type { Region } from "../core/region";
import type { World } from "../core/world";
import { partyColour, rgb } from "./palette";
import { PointsLayer, type Uniforms } from "./points_layer";

const FIELDS = [["from", 2], ["to", 2], ["time", 3], ["look", 2], ["tint", 3]] as const;

const VERTEX = `
uniform mat4 matrix;
uniform float now, size, today, pales, leaves, far, dot;
in vec2 from, to, look;
in vec3 time, tint;
out vec3 colour;
out float course, kind, weight, extent;
void main() {
  // Far out a unit is a dot, but for those that an alert has near.
  bool small = far > 0.5 && look.y < 7.5;
  float done = time.y > 0.0 ? clamp((now - time.x) / time.y, 0.0, 1.0) : 1.0;
  float silent = today - time.z;
  gl_Position = silent > leaves ? vec4(9.0) : matrix * vec4(mix(from, to, done), 0.0, 1.0);
  weight = (silent > pales ? 0.4 : 1.0) * (small ? 0.4 : 1.0);
  extent = small ? dot : size;
  gl_PointSize = extent;
  colour = tint;
  course = look.x;
  kind = small ? 4.0 : mod(look.y, 8.0);
}`;

// Signed distances in a square of ±1, north up: an arrow head for cars, a leaf for
// boats, a rhomb for drones, a disc for people and for whoever has no course.
const FRAGMENT = `
uniform float turn;
in vec3 colour;
in float course, kind, weight, extent;
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
  if (kind > 3.5) {
    shape = length(p) - 0.8;
  } else if (course < 0.0 || kind == 1.0) {
    shape = length(p) - 0.46;
  } else {
    float angle = radians(course - turn);
    p = mat2(cos(angle), -sin(angle), sin(angle), cos(angle)) * p;
    if (kind == 2.0) shape = length(vec2(abs(p.x) + 0.5, p.y)) - 0.92;
    else if (kind == 3.0) shape = (abs(p.x) + abs(p.y)) * 0.7071 - 0.46;
    else shape = arrow(p);
  }
  float soft = 2.0 / extent;
  float body = 1.0 - smoothstep(-soft, soft, shape + 0.05);
  float rim = 1.0 - smoothstep(-soft, soft, shape - 0.16);
  float alpha = max(body, rim * 0.75) * weight;
  if (alpha < 0.02) discard;
  pixel = vec4(mix(vec3(0.03, 0.06, 0.09), colour, body) * alpha, alpha);
}`;

/** Below this zoom units are dots of so many pixels, so that they do not hide the rest. */
const SIGNS_ZOOM = 10.5;
const DOT_PX = 3;
/** But for those within so many metres of an alert that stands. */
const NEAR_M = 5_000;
/** The bit of `look.y`, beside the kind, that says so. */
const NEAR = 8;
const EARTH_M = 40_075_017;

/** Whether the reader wants no motion: then units stand where they are. */
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The layer; {@link moved} says that the fleet has changed. */
export class UnitsLayer extends PointsLayer {
  readonly id = "units";
  private drawn = -1;
  /** The page's time and the server's from which those of the points are told. */
  private epoch = { here: 0, there: 0 };
  /** The page's time at which the last glide ends. */
  private restless = 0;
  private shows: ((agency: string) => boolean) | undefined;
  /** Where alerts stand: x, y and the square of the reach there, in the unit square. */
  private alarms: readonly (readonly [number, number, number])[] = [];

  constructor(
    private readonly world: World,
    private readonly region: Region,
    origin: readonly [number, number],
  ) {
    super({ vertex: VERTEX, fragment: FRAGMENT, fields: FIELDS }, origin);
  }

  /** Shows the units of some agencies only. */
  filter(shows: ((agency: string) => boolean) | undefined): void {
    this.shows = shows;
    this.forget();
    this.moved();
  }

  /** Alerts stand at these places, degrees: units near them are drawn large. */
  alarm(places: readonly (readonly [number, number])[]): void {
    const alarms = places.map(([lng, lat]) => {
      const reach = NEAR_M / (EARTH_M * Math.cos((lat * Math.PI) / 180));
      return [mercatorX(lng), mercatorY(lat), reach * reach] as const;
    });
    if (alarms.join() === this.alarms.join()) return;
    this.alarms = alarms;
    this.forget();
    this.moved();
  }

  /** Parties have other colours. */
  recoloured(): void {
    this.forget();
    this.moved();
  }

  /** The fleet changed; draws it soon, at most so often as the eye can use. */
  moved(): void {
    this.soon(this.map && this.map.getZoom() < 9 ? 400 : 40);
  }

  protected override get count(): number {
    return this.world.fleet.count;
  }

  protected override forget(): void {
    this.drawn = -1;
  }

  protected override uniforms(map: Map): Uniforms {
    const zoom = map.getZoom();
    const now = performance.now();
    // Far out a glide is less than a pixel: only what is new is drawn.
    if (zoom >= 10 && now < this.restless) this.soon(50);
    const { here, there } = this.epoch;
    const { pales, leaves } = silence(this.world.haste);
    return {
      now: now - here,
      size: Math.min(Math.max(8 + (zoom - 6) * 2.4, 8), 27) * this.ratio(map),
      far: zoom < SIGNS_ZOOM ? 1 : 0,
      dot: DOT_PX * this.ratio(map),
      turn: map.getBearing(),
      today: (this.world.at - there) / 1000,
      pales: pales / 1000,
      leaves: leaves / 1000,
    };
  }

  private near(x: number, y: number): boolean {
    for (const [ax, ay, reach] of this.alarms) {
      if ((x - ax) * (x - ax) + (y - ay) * (y - ay) <= reach) return true;
    }
    return false;
  }

  protected override write() {
    const { fleet, at: there } = this.world;
    if (this.drawn === fleet.version) return undefined;
    const { region, origin } = this;
    const agencies = fleet.agencies.texts;
    const tints = agencies.map((code) => rgb(partyColour(region.colour(code))));
    const shown = this.shows && agencies.map(this.shows);
    this.room(fleet.id.length);
    const { data } = this;
    const here = performance.now();
    this.epoch = { here, there };
    this.restless = 0;
    const motionless = still();
    let at = 0;
    for (let slot = 0; slot < fleet.count; slot++) {
      const agency = fleet.agency[slot]!;
      const tint = tints[agency]!;
      const hidden = shown && !shown[agency];
      const since = fleet.since[slot]!;
      const glide = motionless ? 0 : fleet.glide[slot]!;
      if (since + glide > this.restless) this.restless = since + glide;
      data[at] = hidden ? 9 : fleet.fromX[slot]! - origin[0];
      data[at + 1] = fleet.fromY[slot]! - origin[1];
      data[at + 2] = hidden ? 9 : fleet.x[slot]! - origin[0];
      data[at + 3] = fleet.y[slot]! - origin[1];
      data[at + 4] = since - here;
      data[at + 5] = glide;
      data[at + 6] = (fleet.at[slot]! - there) / 1000;
      data[at + 7] = fleet.course[slot]!;
      data[at + 8] = fleet.kind[slot]! + (this.near(fleet.x[slot]!, fleet.y[slot]!) ? NEAR : 0);
      data[at + 9] = tint[0];
      data[at + 10] = tint[1];
      data[at + 11] = tint[2];
      at += this.floats;
    }
    this.drawn = fleet.version;
    return { first: 0, end: at };
  }
}
