import { expect, test } from "vitest";
import { GROUND, PARTIES, rgb, SEVERITY } from "./palette";
import { gradeShape } from "./shapes";
import { apartness, contrast, difference, VISIONS } from "./vision";

const GRADES = [4, 3, 2, 1];
const PANEL = "#172430";

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((one, at) => items.slice(at + 1).map((other): [T, T] => [one, other]));
}

test("colours are compared as CIEDE2000's own test data says", () => {
  expect(difference([50, 2.6772, -79.7751], [50, 0, -82.7485])).toBeCloseTo(2.0425, 4);
  expect(difference([50, -1.3802, -84.2814], [50, 0, -82.7485])).toBeCloseTo(1, 4);
  expect(difference([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514])).toBeCloseTo(0.9082, 4);
  expect(difference([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387])).toBeCloseTo(1.2644, 4);
});

test("each grade has a shape of its own", () => {
  expect(new Set(GRADES.map(gradeShape)).size).toBe(GRADES.length);
});

test("the grades' colours are told apart at a glance by every kind of eye", () => {
  for (const vision of VISIONS) {
    for (const [one, other] of pairs(GRADES)) {
      const apart = apartness(SEVERITY[one]!, SEVERITY[other]!, vision);
      expect(apart, `${vision}: grades ${one} and ${other}`).toBeGreaterThan(10);
    }
  }
});

test("the grades' colours can be read on the page and on a card", () => {
  for (const grade of GRADES) {
    expect(contrast(SEVERITY[grade]!, GROUND.void)).toBeGreaterThan(4.5);
    expect(contrast(SEVERITY[grade]!, PANEL), `grade ${grade}`).toBeGreaterThan(4.5);
  }
});

// Eight parties and four grades are more than colour alone can tell to eyes without a
// kind of cone. Units and alerts differ in shape always; these are the least distances.
test("the first four parties' colours stay apart from each other and from the grades", () => {
  const first = PARTIES.slice(0, 4);
  const least = { common: 20, protanopia: 11, deuteranopia: 8, tritanopia: 10 };
  const fromGrades = { common: 18, protanopia: 10, deuteranopia: 7, tritanopia: 7 };
  for (const vision of VISIONS) {
    for (const [one, other] of pairs(first)) {
      expect(apartness(one, other, vision), `${vision}: ${one} and ${other}`).toBeGreaterThan(least[vision]);
    }
    for (const party of first) {
      for (const grade of GRADES) {
        const apart = apartness(party, SEVERITY[grade]!, vision);
        expect(apart, `${vision}: ${party} and grade ${grade}`).toBeGreaterThan(fromGrades[vision]);
      }
    }
  }
});

/** A colour laid over another with some opacity. */
function over(colour: string, ground: string, opacity: number): string {
  const [top, under] = [rgb(colour), rgb(ground)];
  const mixed = top.map((part, at) => Math.round(255 * (part * opacity + under[at]! * (1 - opacity))));
  return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

test("names and lines on the map are seen on the ground they lie on, also where zones lie over it", () => {
  // As style.ts lays them: a border area, the demonstration zone and the pilot area.
  const zoned = (ground: string) => over(GROUND.pilot, over(GROUND.zone, over(GROUND.zone, ground, 0.028), 0.07), 0.1);
  const names = [GROUND.nameWide, GROUND.nameCity, GROUND.nameCounty, GROUND.nameTownship, GROUND.nameSide];
  for (const name of names) {
    expect(contrast(name, GROUND.land), name).toBeGreaterThan(4.5);
    expect(contrast(name, zoned(GROUND.land)), name).toBeGreaterThan(4.5);
  }
  expect(contrast(GROUND.nameWater, GROUND.water)).toBeGreaterThan(4.5);
  expect(contrast(GROUND.nameWater, zoned(GROUND.water))).toBeGreaterThan(4.5);
  for (const line of [GROUND.inner, GROUND.shore]) expect(contrast(line, GROUND.land), line).toBeGreaterThan(2);
  expect(contrast(GROUND.border, GROUND.land)).toBeGreaterThan(7);
  expect(contrast(GROUND.water, GROUND.land)).toBeGreaterThan(1.25);
});
