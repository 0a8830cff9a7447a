import { expect, test } from "vitest";
import type { RegionView } from "../contract/openapi";
import { alert } from "../core/samples";
import { alertStop, stops } from "./tour";

const zone = (code: string, kind: RegionView["zones"][number]["kind"]) => ({
  code, kind, name: code, name_en: code, bbox: [120, 30, 121, 31] as [number, number, number, number], approximate: false,
});
const region = {
  view: [120, 30, 122, 32],
  zones: [
    zone("a", "interprovincial_border_area"),
    zone("b", "pilot_startup_area"),
    zone("c", "demonstration_zone"),
  ],
} as unknown as RegionView;

test("a round sees the alerts, then zones, the weightiest first, and ends at home", () => {
  const keys = stops(region, [alert(7)], 0).map((stop) => stop.key);
  expect(keys).toEqual(["alert 7", "zone b", "zone c", "home"]);
});

test("what stands outside the look at home is seen on a look at all that stands", () => {
  expect(stops(region, [alert(7)], 0).some(({ kind }) => kind === "whole")).toBe(false);
  const far = alert(8, { center: [118.2, 33.4] });
  const round = stops(region, [alert(7), far], 0);
  expect(round.map(({ key }) => key).slice(-2)).toEqual(["whole", "home"]);
  const [west, south, east, north] = round.at(-2)!.bounds;
  expect(west).toBeLessThan(118.2);
  expect(north).toBeGreaterThan(33.4);
  expect([south, east]).toEqual([expect.closeTo(29.86, 1), expect.closeTo(122.1, 0)]);
});

test("every zone has its turn", () => {
  const seen = new Set([0, 1, 2].flatMap((round) => stops(region, [], round).map((stop) => stop.key)));
  expect([...seen].sort()).toEqual(["home", "zone a", "zone b", "zone c"]);
});

test("every alert has its turn, and what has ended has none", () => {
  const alerts = Array.from({ length: 12 }, (_, id) => alert(id));
  alerts.push(alert(99, { state: "cleared", ended_at: 5 }));
  const seen = new Set([0, 1, 2].flatMap((round) => stops(region, alerts, round).map((stop) => stop.key)));
  for (let id = 0; id < 12; id++) expect(seen).toContain(`alert ${id}`);
  expect(seen).not.toContain("alert 99");
});

test("an alert of a single point is seen with country around it", () => {
  const [west, , east] = alertStop(alert(1)).bounds;
  expect(east - west).toBeGreaterThan(0.01);
});
