import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { contrast } from "../map/vision";

const css = readFileSync("src/style/base.css", "utf8");
const colour = (name: string) => new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(css)![1]!;

/** What texts and fields lie on; the last is a card that is looked at. */
const GROUNDS = [colour("void"), colour("panel"), colour("raised"), "#182733"];

test("every text can be read on every ground", () => {
  for (const text of ["ink", "soft", "dim", "accent", "good", "late", "bad", "severity-1", "severity-2", "severity-3", "severity-4"]) {
    for (const ground of GROUNDS) expect(contrast(colour(text), ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  }
  expect(contrast("#06202a", colour("accent"))).toBeGreaterThanOrEqual(4.5);
  expect(contrast("#201503", colour("late"))).toBeGreaterThanOrEqual(4.5);
  expect(contrast("#180506", colour("bad"))).toBeGreaterThanOrEqual(4.5);
});

test("the edges of fields and buttons are seen on every ground", () => {
  for (const ground of GROUNDS) expect(contrast(colour("edge"), ground), ground).toBeGreaterThanOrEqual(3);
});
