// Rows as the stream sends them, for tests.

import type { AlertView, IncidentRow, UnitRow } from "../contract/openapi";

/** An open alert on the line of Jiangsu and Zhejiang. */
export function alert(id: number, more: Partial<AlertView> = {}): AlertView {
  return {
    id,
    state: "open",
    severity: 3,
    lifted_by: null,
    lifted_by_size: false,
    rule: "dumping",
    border: { code: "320000-330000", name: "江苏—浙江", name_en: "Jiangsu–Zhejiang" },
    sides: [
      { code: "320000", name: "江苏省", name_en: "Jiangsu", members: 4, place: "320509" },
      { code: "330000", name: "浙江省", name_en: "Zhejiang", members: 3, place: "330421" },
    ],
    members: 7,
    cores: 5,
    matters: [["waste", 7]],
    zones: [],
    parties: ["320000", "320500", "320509", "330000", "330400", "330421"],
    center: [120.8, 30.95],
    hull: [],
    border_distance_m: 120,
    last_24h: 5,
    previous_24h: 2,
    provenance: "simulated",
    raised_at: id * 1000,
    alarming_since: id * 1000,
    updated_at: id * 1000,
    fading_since: null,
    ended_at: null,
    merged_into: null,
    split_from: null,
    reopened: 0,
    acknowledged: null,
    ...more,
  };
}

/** An incident in Qingpu. */
export function incident(id: number, at: number): IncidentRow {
  return [id, 121 + (id % 100) / 1000, 31, "waste", at, 2, "310118", "live"];
}

/** A car of Qingpu driving east. */
export function unit(id: number, lng: number, at: number): UnitRow {
  return [id, lng, 31, 90, 10, at, "310118", "car"];
}
