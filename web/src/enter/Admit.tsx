// Letting a wall in: its code is typed, what asks is shown, and only then it comes in.

import { useState } from "preact/hooks";
import type { AskingWallView } from "../contract/openapi";
import { texts } from "../texts";
import { admit, askingWall } from "./doors";
import { Form } from "./Form";

/** A wall whose code was typed, and what it is to be called. */
interface Asking {
  code: string;
  name: string;
  wall: AskingWallView;
}

/** Lets a wall in that somebody can see. */
export function Admit() {
  const say = texts.value.door;
  const [asking, setAsking] = useState<Asking | null>(null);
  const [admitted, setAdmitted] = useState<string | null>(null);
  const look = async ({ code = "", name = "" }: Record<string, string>) => {
    setAdmitted(null);
    setAsking({ code, name, wall: await askingWall(code) });
  };
  const letIn = async () => {
    if (!asking) return;
    await admit(asking.code, asking.name);
    setAsking(null);
    setAdmitted(asking.name);
  };
  return (
    <section aria-label={say.admit}>
      {asking ? (
        <>
          <p>{say.checkWall}</p>
          <dl>
            <dt>{say.wallName}</dt>
            <dd>{asking.name}</dd>
            <dt>{say.wallAddress}</dt>
            <dd>{asking.wall.address ?? say.wallUnknown}</dd>
            <dt>{say.wallProgram}</dt>
            <dd>{asking.wall.agent || say.wallUnknown}</dd>
          </dl>
          <Form act={say.admit} send={letIn} refusals={{ 404: say.noCode, 409: say.wallTaken }} fields={[]} />
          <button class="plain" type="button" onClick={() => setAsking(null)}>
            {say.notThisWall}
          </button>
        </>
      ) : (
        <Form
          act={say.lookAtWall}
          send={look}
          fields={[
            { name: "code", label: say.code },
            { name: "name", label: say.wallName, rule: say.nameRule },
          ]}
        />
      )}
      {admitted !== null && <p role="status">{say.admitted(admitted)}</p>}
    </section>
  );
}
