import { expect, test } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

const facts = { hours: 72, matters: ["偷倒渣土"], distance_m: 123, level: "province" as const };
const facts_en = { ...facts, matters: ["Spoil dumping"] };

test("the county on duty comes first, with its province; the border is named by its level", () => {
  expect(zh.reason({
    ...facts,
    sides: [
      { name: "江苏省", place: "吴江区", members: 5 },
      { name: "浙江省", place: "嘉善县", members: 4 },
      { name: "上海市", place: "浦东新区", members: 1 },
    ],
  })).toBe("近72小时，吴江区（苏）侧5起、嘉善县（浙）侧4起、浦东新区（沪）侧1起“偷倒渣土”，距省界120米。");
  expect(en.reason({
    ...facts_en,
    sides: [
      { name: "Jiangsu", place: "Wujiang District", members: 5 },
      { name: "Zhejiang", place: "Jingning She Autonomous County", members: 4 },
    ],
  })).toBe("“Spoil dumping”: 5 in Jiangsu (Wujiang) and 4 in Zhejiang (Jingning She), 120 m from the border, last 72 h.");
});

test("autonomous counties are called by their place in lists, not by half of their name", () => {
  expect(["景宁畲族自治县", "恩施土家族苗族自治州", "积石山保安族东乡族撒拉族自治县", "内蒙古自治区", "嘉善县", "浦东新区", "沙县"].map(zh.short))
    .toEqual(["景宁", "恩施", "积石山", "内蒙古", "嘉善", "浦东", "沙县"]);
  expect(en.short("Jingning She Autonomous County")).toBe("Jingning She");
});

test("very near the border the distance is said as far as it is known", () => {
  const sides = [{ name: "浙江省", place: "嘉善县", members: 3 }];
  expect(zh.reason({ ...facts, sides, distance_m: 12 })).toContain("距省界不足50米");
  expect(zh.reason({ ...facts, sides, level: "county" })).toContain("距区县界120米");
  expect(en.reason({ ...facts_en, sides, distance_m: 12, level: "city" })).toContain("within 50 m of the border");
});

test("where the sides are no wider than a county nothing stands in brackets", () => {
  const sides = [{ name: "Roxbury", members: 3 }, { name: "Dorchester", members: 2 }];
  expect(en.reason({ ...facts_en, sides, distance_m: 3, level: "county" })).toBe(
    "“Spoil dumping”: 3 in Roxbury and 2 in Dorchester, within 50 m of the border, last 72 h.",
  );
});

test("of many matters two are named, in one list with the rest", () => {
  const sides = [{ name: "Roxbury", members: 3 }, { name: "Dorchester", members: 2 }];
  const told = (...matters: string[]) => en.reason({ ...facts_en, sides, matters }).split(":")[0];
  expect(told("A", "B")).toBe("“A” and “B”");
  expect(told("A", "B", "C", "D")).toBe("“A”, “B” and 2 more");
  expect(zh.reason({ ...facts, sides, matters: ["甲", "乙", "丙"] })).toContain("“甲”、“乙”等3类");
});
