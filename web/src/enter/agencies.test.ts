import { expect, test } from "vitest";
import type { JurisdictionView } from "../contract/openapi";
import { agencyGroups } from "./agencies";

const place = (code: string, name: string, level: JurisdictionView["level"], parent: string | null): JurisdictionView =>
  ({ code, name, name_en: `${name} en`, level, parent, label: [0, 0] });
const all = [
  place("320509", "吴江区", "county", "320500"),
  place("320583", "昆山市", "county", "320500"),
  place("320000", "江苏省", "province", null),
  place("320500", "苏州市", "city", "320000"),
  place("310000", "上海市", "province", null),
  place("310100", "上海市", "city", "310000"),
];

test("each jurisdiction can be chosen once, by its code and name, under the one above it", () => {
  const groups = agencyGroups(all, "zh").map(({ label, options }) => [label, ...options.map(({ name }) => name)]);
  expect(groups).toEqual([
    ["上海市", "310000 上海市", "310100 上海市"],
    ["江苏省", "320000 江苏省"],
    ["江苏省 · 苏州市", "320500 苏州市", "320509 吴江区", "320583 昆山市"],
  ]);
});

test("the names are those of the page's language", () => {
  expect(agencyGroups(all, "en")[2]!.label).toBe("江苏省 en · 苏州市 en");
});
