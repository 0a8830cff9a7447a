import { expect, test } from "vitest";
import type { RegionView } from "../contract/RegionView";
import { Incidents } from "./incidents";
import { Region } from "./region";
import { alert } from "./samples";
import { beside, whereabouts } from "./whereabouts";

const place = (code: string, level: "province" | "county", parent: string | null) => ({
  code, name: `name ${code}`, name_en: "", level, parent, label: [0, 0] as [number, number],
});
const view = {
  level: "province",
  jurisdictions: [
    place("320000", "province", null), place("320509", "county", "320000"), place("320583", "county", "320000"),
    place("330000", "province", null), place("330421", "county", "330000"),
  ],
  matters: [], rules: [], zones: [],
} as unknown as RegionView;
const region = new Region(view);
const hull: [number, number][] = [[120.7, 30.9], [120.71, 30.9], [120.71, 30.92], [120.7, 30.92]];
const cluster = alert(1, { hull, center: [120.705, 30.91] });

function incidents(): Incidents {
  const all = new Incidents();
  const row = (id: number, lng: number, lat: number, county: string, matter = "waste") =>
    [id, lng, lat, matter, 0, 2, county, "live"] as const;
  all.take({
    at: 0,
    rows: [
      row(1, 120.7, 30.92, "320509"), row(2, 120.71, 30.92, "320509"), row(3, 120.705, 30.919, "320583"),
      row(4, 120.705, 30.9, "330421"),
      row(5, 120.705, 30.91, "320583", "vending"), row(6, 121.5, 30.91, "320583"),
    ].map((one) => [...one]),
  });
  return all;
}

test("an alert lies between the counties of most of its reports", () => {
  expect(whereabouts(cluster, incidents(), region).map((side) => side.name)).toEqual(["name 320509", "name 330421"]);
});

test("before its reports are here, the sides stand for themselves", () => {
  const sides = whereabouts(cluster, new Incidents(), region);
  expect(sides.map((side) => side.name)).toEqual(["江苏省", "浙江省"]);
  expect(beside(cluster, sides)).toEqual([]);
});

test("each name is written on its own side", () => {
  const [north, south] = beside(cluster, whereabouts(cluster, incidents(), region));
  expect(north![1]).toBeGreaterThan(30.92);
  expect(south![1]).toBeLessThan(30.9);
});
