// The incidents of the live window, in columns: fifty thousand of them must cost
// the page neither garbage nor time.

import type { IncidentFrame, IncidentRow, Provenance } from "../contract/openapi";
import { Dictionary } from "./dictionary";
import { mercatorX, mercatorY } from "./mercator";

/**
 * Rows `0…count`, their ids ascending, as the server numbers them. Rows are appended;
 * when any other change is made, `edition` changes and every index with it. A row is
 * found by halving, not by a hash table, which would double at some hour of some day.
 */
export class Incidents {
  count = 0;
  edition = 0;
  readonly matters = new Dictionary();
  readonly places = new Dictionary();
  private readonly provenances = new Dictionary();
  id = new Float64Array(0);
  /** Web-mercator, 0…1. */
  x = new Float64Array(0);
  y = new Float64Array(0);
  /** When it occurred, ms since 1970. */
  at = new Float64Array(0);
  matter = new Uint16Array(0);
  severity = new Uint8Array(0);
  place = new Uint16Array(0);
  provenance = new Uint8Array(0);

  /** Takes in what the stream says. */
  take(frame: IncidentFrame): void {
    if (frame.reset) this.clear();
    this.room(this.count + frame.rows.length);
    for (const row of frame.rows) this.put(row);
  }

  /** The index of an incident; `undefined` when it is not here. */
  find(id: number): number | undefined {
    const i = this.rank(id);
    return i < this.count && this.id[i] === id ? i : undefined;
  }

  /** Takes out what occurred before a time. */
  expire(before: number): void {
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      if (this.at[i]! < before) continue;
      if (kept !== i) this.move(i, kept);
      kept++;
    }
    if (kept !== this.count) this.edition++;
    this.count = kept;
  }

  /** Where a row's record comes from. */
  provenanceAt(index: number): Provenance {
    return this.provenances.text(this.provenance[index]!) as Provenance;
  }

  private clear(): void {
    this.count = 0;
    this.edition++;
  }

  private put(row: IncidentRow): void {
    const [id, lng, lat, matter, at, severity, place, provenance] = row;
    const i = this.rank(id);
    if (i < this.count) {
      if (this.id[i] === id) return;
      for (let from = this.count - 1; from >= i; from--) this.move(from, from + 1);
      this.edition++;
    }
    this.count++;
    this.id[i] = id;
    this.x[i] = mercatorX(lng);
    this.y[i] = mercatorY(lat);
    this.at[i] = at;
    this.matter[i] = this.matters.number(matter);
    this.severity[i] = severity;
    this.place[i] = this.places.number(place);
    this.provenance[i] = this.provenances.number(provenance);
  }

  /** How many rows have a smaller id. */
  private rank(id: number): number {
    if (this.count === 0 || this.id[this.count - 1]! < id) return this.count;
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.id[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private move(from: number, to: number): void {
    this.id[to] = this.id[from]!;
    this.x[to] = this.x[from]!;
    this.y[to] = this.y[from]!;
    this.at[to] = this.at[from]!;
    this.matter[to] = this.matter[from]!;
    this.severity[to] = this.severity[from]!;
    this.place[to] = this.place[from]!;
    this.provenance[to] = this.provenance[from]!;
  }

  private room(rows: number): void {
    if (rows <= this.id.length) return;
    const size = Math.max(1024, 2 ** Math.ceil(Math.log2(rows)));
    this.id = grown(this.id, new Float64Array(size));
    this.x = grown(this.x, new Float64Array(size));
    this.y = grown(this.y, new Float64Array(size));
    this.at = grown(this.at, new Float64Array(size));
    this.matter = grown(this.matter, new Uint16Array(size));
    this.severity = grown(this.severity, new Uint8Array(size));
    this.place = grown(this.place, new Uint16Array(size));
    this.provenance = grown(this.provenance, new Uint8Array(size));
  }
}

/** `to` with the contents of the shorter `from` at its start. */
export function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
