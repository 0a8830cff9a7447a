import { expect, test } from "vitest";
import { PARTIES } from "../map/palette";
import { Colours, COLOURS } from "./colours";

const all = (colours: Colours, parties: readonly number[]) => parties.map((party) => colours.at(party));

test("there are as many colours as the palette has", () => {
  expect(PARTIES).toHaveLength(COLOURS);
});

test("few parties keep their colours for ever", () => {
  const colours = new Colours(4);
  expect(colours.part([3, 1, 0, 2])).toBe(false);
  expect(all(colours, [0, 1, 2, 3])).toEqual([0, 1, 2, 3]);
});

test("of many parties those shown together differ, and the first keeps its own", () => {
  const colours = new Colours(26);
  expect(colours.at(1)).toBe(colours.at(9));
  const shown = [9, 1, 17, 25, 2, 10, 3, 11];
  expect(colours.part(shown)).toBe(true);
  expect(new Set(all(colours, shown)).size).toBe(8);
  expect(colours.at(9)).toBe(1);
});

test("what differs already is left as it is", () => {
  const colours = new Colours(26);
  colours.part([9, 1]);
  const before = all(colours, [9, 1]);
  expect(colours.part([1, 9])).toBe(false);
  expect(all(colours, [9, 1])).toEqual(before);
});

test("nobody has no colour", () => {
  expect(new Colours(4).at(-1)).toBe(-1);
});
