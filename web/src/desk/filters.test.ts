import { expect, test } from "vitest";
import type { RegionView } from "../contract/openapi";
import { Incidents } from "../core/incidents";
import { Region } from "../core/region";
import { alert } from "../core/samples";
import { OPEN, wanted, wants } from "./filters";

const HOUR = 3_600_000;
const place = (code: string, level: "province" | "city" | "county", parent: string | null) => ({
  code, name: code, name_en: code, level, parent, label: [0, 0] as [number, number],
});
const region = new Region({
  level: "province",
  jurisdictions: [
    place("320000", "province", null), place("320500", "city", "320000"), place("320509", "county", "320500"),
    place("330000", "province", null), place("330400", "city", "330000"), place("330421", "county", "330400"),
  ],
  classes: [],
  matters: [
    { code: "waste", class: "x1", name: "", name_en: "" },
    { code: "vending", class: "05", name: "", name_en: "" },
  ],
  rules: [],
  zones: [],
} as unknown as RegionView);

test("what has ended is left out unless asked for", () => {
  const ended = alert(1, { state: "cleared", ended_at: 5 });
  expect(wants(ended, OPEN, region, 10)).toBe(false);
  expect(wants(ended, { ...OPEN, state: "ended" }, region, 10)).toBe(true);
  expect(wants(alert(2), { ...OPEN, state: "ended" }, region, 10)).toBe(false);
});

test("an alert belongs to each of its sides", () => {
  expect(wants(alert(1), { ...OPEN, party: "330000" }, region, 0)).toBe(true);
  expect(wants(alert(1), { ...OPEN, party: "310000" }, region, 0)).toBe(false);
});

test("an alert is wanted for any of its matters", () => {
  expect(wants(alert(1), { ...OPEN, matter: "waste" }, region, 0)).toBe(true);
  expect(wants(alert(1), { ...OPEN, matter: "vending" }, region, 0)).toBe(false);
});

test("incidents are sifted by matter, jurisdiction and time together", () => {
  const incidents = new Incidents();
  const now = 100 * HOUR;
  incidents.take({
    at: now,
    rows: [
      [1, 120, 31, "waste", now - HOUR, 2, "320509", "live"],
      [2, 120, 31, "waste", now - 30 * HOUR, 2, "320509", "live"],
      [3, 120, 31, "waste", now - HOUR, 2, "330421", "live"],
      [4, 120, 31, "vending", now - HOUR, 2, "320509", "live"],
    ],
  });
  expect(wanted(incidents, OPEN, region, now)).toBeUndefined();
  const fits = wanted(incidents, { ...OPEN, matter: "waste", party: "320000", hours: 24 }, region, now)!;
  expect([0, 1, 2, 3].filter((row) => fits(row))).toEqual([0]);
});
