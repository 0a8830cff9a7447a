// What happened to an alert, the newest first; many updates in a row are folded into one.

import type { ComponentChild } from "preact";
import type { StepView } from "../contract/openapi";
import { Signer } from "../panels/Signer";
import { texts } from "../texts";
import { condensed } from "./history";

/** What there is to say of a step beside its name. */
function about({ step, by, signer, members, others }: StepView): ComponentChild {
  const say = texts.value;
  if (step === "acknowledged" || step === "withdrawn") return by && <Signer by={by} signer={signer} />;
  if (others.length === 0) return say.desk.reports(members);
  const numbers = say.alerts.numbers(others);
  if (step === "split" || step === "merged") return numbers;
  return step === "faded" ? say.alerts.splitInto(numbers) : say.alerts.splitFrom(numbers);
}

function Step({ step, time }: { step: StepView; time: (at: number) => string }) {
  const say = texts.value;
  return (
    <>
      <time>{time(step.at)}</time>
      <span>{say.step[step.step]}</span>
      <span class="more">{about(step)}</span>
    </>
  );
}

export function History({ history, time }: { history: readonly StepView[]; time: (at: number) => string }) {
  const say = texts.value.desk;
  return (
    <ol class="history">
      {condensed(history).map((steps) => {
        const [last, first] = [steps[0]!, steps.at(-1)!];
        const key = `${first.at} ${first.step} ${first.members}`;
        if (last === first) return <li key={key}><Step step={last} time={time} /></li>;
        return (
          <li key={key}>
            <details>
              <summary>
                <time>{time(last.at)}</time>
                <span>{say.updates(steps.length)}</span>
                <span class="more">{say.grew(first.members, last.members)}</span>
              </summary>
              <ol>
                {steps.map((step) => (
                  <li key={`${step.at} ${step.members}`}><Step step={step} time={time} /></li>
                ))}
              </ol>
            </details>
          </li>
        );
      })}
    </ol>
  );
}
