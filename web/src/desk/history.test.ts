import { expect, test } from "vitest";
import type { AlertStep, StepView } from "../contract/openapi";
import { condensed } from "./history";

const step = (at: number, kind: AlertStep): StepView =>
  ({ step: kind, at, severity: 3, members: at, cores: at, sides: [], by: null, signer: null, note: null, others: [] });
const told = (...kinds: AlertStep[]) =>
  condensed(kinds.map((kind, at) => step(at, kind))).map((steps) => steps.map(({ at }) => at));

test("updates in a row are told together, newest first", () => {
  expect(told("raised", "updated", "updated", "updated", "acknowledged", "updated")).toEqual([[5], [4], [3, 2, 1], [0]]);
});

test("one or two updates are told one by one", () => {
  expect(told("raised", "updated", "updated")).toEqual([[2], [1], [0]]);
});

test("other steps in a row stay apart", () => {
  expect(told("raised", "faded", "recovered", "faded", "cleared")).toEqual([[4], [3], [2], [1], [0]]);
});
