// Where the name of an alert's side is written: within its own jurisdiction, clear of
// the alert and of the other name, near enough to be read with them. All in pixels of
// the screen.

import type { Point } from "./hull";

/** West, north, east, south of a part of the screen. */
export type Box = readonly [number, number, number, number];

/** Rings, the holes among them. */
export type Polygon = readonly (readonly Point[])[];

/** A name to be placed. */
export interface Label {
  name: string;
  /** The polygons of its jurisdiction as far as they are known here. */
  land: readonly Polygon[];
  /** A point within them where the map else writes the name. */
  home: Point;
}

/** Where a name stands, by its middle, and in which size. */
export interface Placed {
  name: string;
  at: Point;
  size: number;
}

/** Sizes to try in turn, pixels, and whether all of a name must lie on its own land or its middle alone. */
const SMALL = 17;
const TRIES = [
  { size: 26, whole: true }, { size: 21, whole: true }, { size: SMALL, whole: true }, { size: SMALL, whole: false },
];
/** Places that are tried lie so far apart, pixels. */
const STEP = 24;
/** Between a name and what it must not touch, pixels. */
const GAP = 16;
/** So far from the alert a name may stand, pixels: further off it would not be read with it. */
const FAR = 420;
/** How a letter's width and the space after it relate to its size. */
const WIDE = 1;
const NARROW = 0.56;
const SPACE = 0.12;
/** How a line's height relates to it. */
const HIGH = 1.3;

/** How wide a name is written, pixels. */
export function widthOf(name: string, size: number): number {
  const letters = [...name].map((one) => (/\p{Script=Han}/u.test(one) ? WIDE : NARROW) + SPACE);
  return size * letters.reduce((sum, one) => sum + one, 0);
}

/**
 * Places the names of both sides in `view`, clear of the outline of the alert and of
 * `signs`; as large as both have room. One that has none stands small in its usual
 * place, be it on the alert, rather than nowhere.
 */
export function placed(labels: readonly Label[], alert: readonly Point[], signs: readonly Box[], view: Box): Placed[] {
  let best: Placed[] = [];
  for (const { size, whole } of TRIES) {
    const found: Placed[] = [];
    const taken = [...dense(alert), ...signs.flatMap((sign) => dense(corners(sign)))];
    for (const { name, land } of labels) {
      const fits = (box: Box) =>
        within(middle(corners(box)), land) &&
        !taken.some((point) => holds(box, point)) &&
        !within(middle(corners(box)), [[alert]]) &&
        (!whole || spots(box).every((spot) => within(spot, land)));
      const at = nearest(name, size, middle(alert), view, fits);
      if (!at) continue;
      found.push({ name, at, size });
      taken.push(...dense(corners(boxAt(at, name, size))));
    }
    if (found.length === labels.length) return found;
    if (found.length > best.length) best = found;
  }
  const boxes = [...signs, ...best.map(({ name, at, size }) => boxAt(at, name, size))];
  const rest = labels.filter(({ name }) => !best.some((one) => one.name === name));
  return [...best, ...rest.flatMap(({ name, home }) => atHome(name, home, boxes, view))];
}

/** A name in its usual place, if that is in sight and free. */
function atHome(name: string, home: Point, boxes: readonly Box[], view: Box): Placed[] {
  const [west, north, east, south] = boxAt(home, name, SMALL);
  const inSight = west >= view[0] && north >= view[1] && east <= view[2] && south <= view[3];
  const free = boxes.every((box) => west > box[2] || east < box[0] || north > box[3] || south < box[1]);
  return inSight && free ? [{ name, at: home, size: SMALL }] : [];
}

/** The place nearest to a point at which a name fits; `undefined` when there is none. */
function nearest(name: string, size: number, centre: Point, view: Box, fits: (box: Box) => boolean): Point | undefined {
  const [width, height] = [widthOf(name, size), size * HIGH];
  const far = ([x, y]: Point) => Math.hypot(x - centre[0], y - centre[1]);
  const places: Point[] = [];
  for (let y = view[1] + height / 2; y <= view[3] - height / 2; y += STEP) {
    for (let x = view[0] + width / 2; x <= view[2] - width / 2; x += STEP) places.push([x, y]);
  }
  const near = places.filter((place) => far(place) < FAR).sort((a, b) => far(a) - far(b));
  return near.find((place) => fits(boxAt(place, name, size)));
}

function boxAt([x, y]: Point, name: string, size: number): Box {
  const [width, height] = [widthOf(name, size), size * HIGH];
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

/** Where a whole box must lie on its own land: its corners, and between them. */
function spots([west, north, east, south]: Box): Point[] {
  const [x, y] = [(west + east) / 2, (north + south) / 2];
  return [[west, y], [east, y], [x, north], [x, south], ...corners([west, north, east, south])];
}

function corners([west, north, east, south]: Box): Point[] {
  return [[west, north], [east, north], [east, south], [west, south]];
}

/** Whether a point lies in a box or too near to it. */
function holds([west, north, east, south]: Box, [x, y]: Point): boolean {
  return x > west - GAP && x < east + GAP && y > north - GAP && y < south + GAP;
}

function middle(points: readonly Point[]): Point {
  const sum = (axis: 0 | 1) => points.reduce((total, point) => total + point[axis], 0);
  return [sum(0) / points.length, sum(1) / points.length];
}

/** The points of a ring, and enough between them that no box slips through. */
function dense(ring: readonly Point[]): Point[] {
  return ring.flatMap(([x, y], at) => {
    const [toX, toY] = ring[(at + 1) % ring.length]!;
    const parts = Math.max(1, Math.ceil(Math.hypot(toX - x, toY - y) / STEP));
    return Array.from({ length: parts }, (_, part): Point => [x + ((toX - x) * part) / parts, y + ((toY - y) * part) / parts]);
  });
}

/** Whether a point lies within any of some polygons: an odd number of edges to one side. */
function within([x, y]: Point, land: readonly Polygon[]): boolean {
  return land.some((polygon) => {
    let inside = false;
    for (const ring of polygon) {
      for (let at = 0, before = ring.length - 1; at < ring.length; before = at++) {
        const a = ring[at]!;
        const b = ring[before]!;
        if (a[1] > y === b[1] > y) continue;
        if (x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside;
      }
    }
    return inside;
  });
}
