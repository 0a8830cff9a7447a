// What was signed just now, and the way back while there is one.

import { useEffect, useState } from "preact/hooks";
import { useAct } from "../panels/act";
import { between } from "../panels/explain";
import { texts } from "../texts";
import { why } from "./Answer";
import { WITHDRAW_MS, type DeskState, type Signed } from "./state";

/** How often the time that is left is looked at, ms. */
const LOOK_MS = 250;

function Left({ state, signed }: { state: DeskState; signed: Signed }) {
  const say = texts.value;
  const { live } = state;
  const left = () => Math.ceil((signed.at + WITHDRAW_MS - (live.now() ?? signed.at)) / 1_000);
  const [seconds, look] = useState(left());
  const { busy, failed, run } = useAct();
  useEffect(() => {
    const timer = setInterval(() => look(left()), LOOK_MS);
    return () => clearInterval(timer);
  }, [signed]);
  const over = seconds <= 0;
  useEffect(() => {
    if (over) state.signed.value = null;
  }, [over]);
  const alert = live.world.alerts.get(signed.ids[0]!);
  if (over || !alert) return null;
  return (
    <div class="taken">
      <p role="status">{say.desk.signed(say.between(between(live, alert)))}</p>
      <button type="button" class="plain" aria-disabled={busy} onClick={() => !busy && void run(() => state.takeBack(signed))}>
        {say.desk.takeBack}
      </button>
      <small aria-hidden="true">{say.desk.left(seconds)}</small>
      {failed && <p role="alert">{say.desk.notTakenBack(failed.status === 409 ? say.desk.tooLate : why(failed))}</p>}
    </div>
  );
}

/** The last signature, while it can be taken back. */
export function TakeBack({ state }: { state: DeskState }) {
  const signed = state.signed.value;
  return signed && <Left key={signed.at} state={state} signed={signed} />;
}
