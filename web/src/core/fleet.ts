// The units within sight, in columns. Between two fixes a unit glides from where it
// was drawn to where it is, so that the map is calm.

import type { UnitFrame, UnitKind, UnitRow } from "../contract/openapi";
import { Dictionary } from "./dictionary";
import { grown } from "./incidents";
import { mercatorX, mercatorY } from "./mercator";

/** The kinds by number, as `Fleet.kind` holds them. */
export const KINDS: readonly UnitKind[] = ["car", "foot", "boat", "drone"];

/** A course that is not known. */
export const NO_COURSE = -1;

/** A glide is as long as the time between the last two fixes, within these ms. */
const SHORTEST = 150;
const LONGEST = 6000;

/** A jump wider than this (about 3 km here) is drawn as a jump. */
const JUMP = 1e-4;

/** A unit silent for so long is not on duty any more, as the server counts; then it is pale. */
const OFF_DUTY_MS = 5 * 60_000;
/** A unit silent for so long is not drawn any more. */
const FORGOTTEN_MS = 30 * 60_000;
/** Far out the server tells of a unit once in five seconds at most; a second is the way's. */
const RARELY_MS = 6_000;

/**
 * How long a unit has been silent, by the server's clock, when it pales and when it
 * leaves the map. Where that clock is driven `haste` times faster than the page's, what
 * the page cannot have heard yet counts for nothing.
 */
export function silence(haste: number): { pales: number; leaves: number } {
  const unheard = Math.max(haste, 1) * RARELY_MS;
  return { pales: OFF_DUTY_MS + unheard, leaves: FORGOTTEN_MS + unheard };
}

/** Numbers for the cells that are followed; that of a cell that was left goes to a later one. */
class CellNumbers {
  private readonly numbers = new Map<string, number>();
  private readonly spare: number[] = [];

  number(cell: string): number {
    let number = this.numbers.get(cell);
    if (number === undefined) {
      number = this.spare.pop() ?? this.numbers.size;
      this.numbers.set(cell, number);
    }
    return number;
  }

  free(cell: string): void {
    const number = this.numbers.get(cell);
    if (number === undefined) return;
    this.numbers.delete(cell);
    this.spare.push(number);
  }
}

/** Rows `0…count` in no order; `version` changes with every change. */
export class Fleet {
  count = 0;
  version = 0;
  readonly agencies = new Dictionary();
  private readonly cells = new CellNumbers();
  private readonly slots = new Map<number, number>();
  id = new Uint32Array(0);
  /** Web-mercator, 0…1: from where it glides, and where it is. */
  fromX = new Float64Array(0);
  fromY = new Float64Array(0);
  x = new Float64Array(0);
  y = new Float64Array(0);
  /** The page's time in ms at which the glide began, and its length. */
  since = new Float64Array(0);
  glide = new Float32Array(0);
  /** Degrees clockwise from north, or {@link NO_COURSE}. */
  course = new Float32Array(0);
  /** Metres a second; 0 where unknown. */
  speed = new Float32Array(0);
  /** Time of the fix, ms since 1970. */
  at = new Float64Array(0);
  agency = new Uint16Array(0);
  kind = new Uint8Array(0);
  private cell = new Uint16Array(0);

  /** Takes in what a cell says at the page's time `now`. */
  take(cell: string, frame: UnitFrame, now: number): void {
    const number = this.cells.number(cell);
    this.room(this.count + frame.rows.length);
    if (frame.reset) this.keepOnly(number, frame.rows);
    for (const row of frame.rows) this.put(number, row, now);
    for (const id of frame.gone ?? []) {
      const slot = this.slots.get(id);
      // It may have been told by the cell into which it went.
      if (slot !== undefined && this.cell[slot] === number) this.drop(slot);
    }
    this.version++;
  }

  /** Forgets the units that only this cell tells of. */
  leave(cell: string): void {
    this.keepOnly(this.cells.number(cell), []);
    this.cells.free(cell);
    this.version++;
  }

  /** The row of a unit; `undefined` when it is out of sight. */
  find(id: number): number | undefined {
    return this.slots.get(id);
  }

  private keepOnly(cell: number, rows: readonly UnitRow[]): void {
    const kept = new Set(rows.map((row) => row[0]));
    for (let slot = this.count - 1; slot >= 0; slot--) {
      if (this.cell[slot] === cell && !kept.has(this.id[slot]!)) this.drop(slot);
    }
  }

  private put(cell: number, row: UnitRow, now: number): void {
    const [id, lng, lat, course, speed, at, agency, kind] = row;
    const [x, y] = [mercatorX(lng), mercatorY(lat)];
    let slot = this.slots.get(id);
    if (slot === undefined) {
      slot = this.count++;
      this.slots.set(id, slot);
      this.id[slot] = id;
      this.fromX[slot] = x;
      this.fromY[slot] = y;
      this.glide[slot] = 0;
    } else if (at > this.at[slot]!) {
      const gone = this.progress(slot, now);
      const fromX = this.fromX[slot]! + (this.x[slot]! - this.fromX[slot]!) * gone;
      const fromY = this.fromY[slot]! + (this.y[slot]! - this.fromY[slot]!) * gone;
      const far = Math.abs(x - fromX) + Math.abs(y - fromY) > JUMP;
      this.fromX[slot] = far ? x : fromX;
      this.fromY[slot] = far ? y : fromY;
      const pause = now - this.since[slot]!;
      this.glide[slot] = far ? 0 : Math.min(Math.max(pause, SHORTEST), LONGEST);
    } else {
      this.cell[slot] = cell;
      return;
    }
    this.since[slot] = now;
    this.x[slot] = x;
    this.y[slot] = y;
    this.course[slot] = course ?? NO_COURSE;
    this.speed[slot] = speed ?? 0;
    this.at[slot] = at;
    this.agency[slot] = this.agencies.number(agency);
    this.kind[slot] = KINDS.indexOf(kind);
    this.cell[slot] = cell;
  }

  /** How much of its glide a unit has done, 0…1. */
  private progress(slot: number, now: number): number {
    const glide = this.glide[slot]!;
    return glide > 0 ? Math.min(Math.max((now - this.since[slot]!) / glide, 0), 1) : 1;
  }

  private drop(slot: number): void {
    this.slots.delete(this.id[slot]!);
    const last = --this.count;
    if (slot === last) return;
    this.slots.set(this.id[last]!, slot);
    for (const column of this.columns()) column[slot] = column[last]!;
  }

  private columns() {
    const { id, fromX, fromY, x, y, since, glide, course, speed, at, agency, kind, cell } = this;
    return [id, fromX, fromY, x, y, since, glide, course, speed, at, agency, kind, cell];
  }

  private room(rows: number): void {
    if (rows <= this.id.length) return;
    const size = Math.max(1024, 2 ** Math.ceil(Math.log2(rows)));
    this.id = grown(this.id, new Uint32Array(size));
    this.fromX = grown(this.fromX, new Float64Array(size));
    this.fromY = grown(this.fromY, new Float64Array(size));
    this.x = grown(this.x, new Float64Array(size));
    this.y = grown(this.y, new Float64Array(size));
    this.since = grown(this.since, new Float64Array(size));
    this.glide = grown(this.glide, new Float32Array(size));
    this.course = grown(this.course, new Float32Array(size));
    this.speed = grown(this.speed, new Float32Array(size));
    this.at = grown(this.at, new Float64Array(size));
    this.agency = grown(this.agency, new Uint16Array(size));
    this.kind = grown(this.kind, new Uint8Array(size));
    this.cell = grown(this.cell, new Uint16Array(size));
  }
}
