import { expect, test } from "vitest";
import { en } from "./en";
import { zh } from "./zh";

const facts = { hours: 72, matters: ["偷倒渣土"], distance_m: 123 };
const facts_en = { ...facts, matters: ["Spoil dumping"] };

test("each side is told by its own name, with the county in brackets", () => {
  expect(zh.reason({
    ...facts,
    sides: [
      { name: "江苏省", place: "吴江区", members: 5 },
      { name: "浙江省", place: "嘉善县", members: 4 },
      { name: "上海市", place: "浦东新区", members: 1 },
    ],
  })).toBe("72小时内，江苏（吴江）一侧5起、浙江（嘉善）一侧4起、上海（浦东）一侧1起“偷倒渣土”在距边界120米处聚集。");
  expect(en.reason({
    ...facts_en,
    sides: [
      { name: "Jiangsu", place: "Wujiang District", members: 5 },
      { name: "Zhejiang", place: "Jingning She Autonomous County", members: 4 },
    ],
  })).toBe("“Spoil dumping”: 5 in Jiangsu (Wujiang) and 4 in Zhejiang (Jingning She), 120 m from the border, within 72 h.");
});

test("autonomous counties are called by their place, not by half of their name", () => {
  const sides = [["浙江省", "景宁畲族自治县"], ["湖北省", "恩施土家族苗族自治州"]].map(([name, place]) => ({ name: name!, place: place!, members: 3 }));
  const told = zh.reason({ ...facts, sides });
  expect(told).toContain("浙江（景宁）");
  expect(told).toContain("湖北（恩施）");
});

test("where the sides are no wider than a county nothing stands in brackets", () => {
  const sides = [{ name: "Roxbury", members: 3 }, { name: "Dorchester", members: 2 }];
  expect(en.reason({ ...facts_en, sides, distance_m: 3 })).toBe(
    "“Spoil dumping”: 3 in Roxbury and 2 in Dorchester, right at the border, within 72 h.",
  );
});

test("of many matters two are named, in one list with the rest", () => {
  const sides = [{ name: "Roxbury", members: 3 }, { name: "Dorchester", members: 2 }];
  const told = (...matters: string[]) => en.reason({ ...facts_en, sides, matters }).split(":")[0];
  expect(told("A", "B")).toBe("“A” and “B”");
  expect(told("A", "B", "C", "D")).toBe("“A”, “B” and 2 more");
  expect(zh.reason({ ...facts, sides, matters: ["甲", "乙", "丙"] })).toContain("“甲”、“乙”等3类");
});
