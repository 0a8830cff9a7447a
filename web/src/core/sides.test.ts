import { expect, test } from "vitest";
import { Incidents } from "./incidents";
import { alert } from "./samples";
import { beside, sidesOf } from "./sides";

const hull: [number, number][] = [[120.7, 30.9], [120.71, 30.9], [120.71, 30.92], [120.7, 30.92]];
const cluster = alert(1, { hull, center: [120.705, 30.91] });

function incidents(): Incidents {
  const all = new Incidents();
  const row = (id: number, lng: number, lat: number, county: string, matter = "waste") =>
    [id, lng, lat, matter, 0, 2, county, "live"] as const;
  all.take({
    at: 0,
    rows: [
      row(1, 120.7, 30.92, "320509"), row(2, 120.71, 30.92, "320509"),
      row(3, 120.705, 30.9, "330421"),
      row(4, 120.705, 30.9, "320509", "vending"), row(5, 120.705, 29.9, "320509"),
    ].map((one) => [...one]),
  });
  return all;
}

test("the border's own sides come first, whatever lies beyond them", () => {
  const side = (code: string, members: number) => ({ code, name: code, name_en: code, members, place: code });
  const sides = [side("310000", 6), side("330000", 4), side("320000", 4), side("340000", 1)];
  const codes = sidesOf(alert(1, { sides })).map(({ code }) => code);
  expect(codes).toEqual(["330000", "320000", "310000", "340000"]);
  const unknown = { code: "", name: "", name_en: "" };
  expect(sidesOf(alert(1, { sides, border: unknown }))).toEqual(sides);
});

test("before its reports are here, no name is written", () => {
  expect(beside(cluster, new Incidents())).toEqual([]);
});

test("each name is written on its own side", () => {
  const [north, south] = beside(cluster, incidents());
  expect(north![1]).toBeGreaterThan(30.92);
  expect(south![1]).toBeLessThan(30.9);
});
