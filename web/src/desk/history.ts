// An alert's history, told shortly: of many updates in a row the last and how many.

import type { StepView } from "../contract/openapi";

/** So many updates in a row are told one by one. */
const FEW = 2;

/** The steps newest first; updates in a row are together. */
export function condensed(history: readonly StepView[]): StepView[][] {
  const told: StepView[][] = [];
  for (const step of [...history].reverse()) {
    const before = told.at(-1);
    if (step.step === "updated" && before?.[0]!.step === "updated") before.push(step);
    else told.push([step]);
  }
  return told.flatMap((steps) => (steps.length > FEW ? [steps] : steps.map((step) => [step])));
}
