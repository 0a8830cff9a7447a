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
}

/** Where a name stands, by its middle, and in which size. */
export interface Placed {
  name: string;
  at: Point;
  size: number;
}

/** Sizes to try in turn, pixels, and whether all of a name must lie on its own land or its middle alone. */
const TRIES = [
  { size: 26, whole: true }, { size: 21, whole: true }, { size: 17, whole: true }, { size: 17, whole: false },
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
 * `signs`; as large as both have room, and one that has none is left out.
 */
export function placed(labels: readonly Label[], alert: readonly Point[], signs: readonly Box[], view: Box): Placed[] {
  let best: Placed[] = [];
  for (const { size, whole } of TRIES) {
    const found: Placed[] = [];
    const taken = [...dense(alert), ...signs.flatMap((sign) => dense(corners(sign)))];
    for (const { name, land } of labels) {
      const fits = (box: Box) =>
        !taken.some((point) => holds(box, point)) &&
        (whole ? spots(box) : [middle(corners(box))]).every((spot) => within(spot, land)) &&
        !within(middle(corners(box)), [[alert]]);
      const at = nearest(name, size, middle(alert), view, fits);
      if (!at) continue;
      found.push({ name, at, size });
      taken.push(...dense(corners(boxAt(at, name, size))));
    }
    if (found.length === labels.length) return found;
    if (found.length > best.length) best = found;
  }
  return best;
}

/** The place nearest to a point at which a name fits; `undefined` when there is none. */
function nearest(name: string, size: number, centre: Point, view: Box, fits: (box: Box) => boolean): Point | undefined {
  const [width, height] = [widthOf(name, size), size * HIGH];
  let best: Point | undefined;
  let least = FAR;
  for (let y = view[1] + height / 2; y <= view[3] - height / 2; y += STEP) {
    for (let x = view[0] + width / 2; x <= view[2] - width / 2; x += STEP) {
      const far = Math.hypot(x - centre[0], y - centre[1]);
      if (far >= least) continue;
      if (fits(boxAt([x, y], name, size))) [best, least] = [[x, y], far];
    }
  }
  return best;
}

function boxAt([x, y]: Point, name: string, size: number): Box {
  const [width, height] = [widthOf(name, size), size * HIGH];
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

/** Where a box must lie on its own ground: its middle, its corners, and between them. */
function spots([west, north, east, south]: Box): Point[] {
  const [x, y] = [(west + east) / 2, (north + south) / 2];
  return [[x, y], [west, y], [east, y], [x, north], [x, south], ...corners([west, north, east, south])];
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
        const [ax, ay] = ring[at]!;
        const [bx, by] = ring[before]!;
        if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
      }
    }
    return inside;
  });
}
