import { expect, test } from "vitest";
import { alert } from "./samples";
import { sidesOf } from "./sides";

test("the border's own sides come first and in its order, whatever lies beyond them", () => {
  const side = (code: string, members: number) => ({ code, name: code, name_en: code, members, place: code });
  const sides = [side("310000", 6), side("330000", 4), side("320000", 4), side("340000", 1)];
  const codes = sidesOf(alert(1, { sides })).map(({ code }) => code);
  expect(codes).toEqual(["320000", "330000", "310000", "340000"]);
  const unknown = { code: "", name: "", name_en: "" };
  expect(sidesOf(alert(1, { sides, border: unknown }))).toEqual(sides);
});
