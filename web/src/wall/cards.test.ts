import { expect, test } from "vitest";
import { laidOut } from "./cards";

const standing = Array.from({ length: 12 }, (_, id) => ({ id }));
const ids = (focus: number | null, fit: number) => laidOut(standing, focus, fit).map(({ id }) => id);

test("what fits stays in its order, also while the map looks at one of them", () => {
  expect(ids(null, 4).slice(0, 4)).toEqual([0, 1, 2, 3]);
  expect(ids(3, 4).slice(0, 4)).toEqual([0, 1, 2, 3]);
});

test("the alert that is looked at is always in sight, and so are the two most urgent", () => {
  for (let focus = 0; focus < 12; focus++) {
    const seen = ids(focus, 4).slice(0, 4);
    expect(seen).toContain(focus);
    expect(seen).toEqual(expect.arrayContaining([0, 1]));
  }
});

test("none is lost and none is there twice", () => {
  expect([...ids(9, 4)].sort((a, b) => a - b)).toEqual(standing.map(({ id }) => id));
});

test("where one card alone fits it is the most urgent", () => {
  expect(ids(1, 1)[0]).toBe(0);
});
