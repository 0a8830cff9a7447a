// Signing in: by name and password, then by a code if the account has a second factor.

import { useState } from "preact/hooks";
import type { SessionView } from "../contract/openapi";
import { Refused } from "../core/persist";
import { texts } from "../texts";
import { signIn } from "./doors";
import { Form } from "./Form";

/** Who has given the right password. */
interface Known {
  name: string;
  password: string;
}

/** Asks for name and password, and for a code where one is needed. */
export function ByPassword({ done }: { done: (session: SessionView) => void }) {
  const say = texts.value.door;
  const [known, setKnown] = useState<Known | null>(null);
  const send = async ({ name = "", password = "" }: Record<string, string>) => {
    try {
      done(await signIn(name, password));
    } catch (error) {
      if (Refused.of(error).kind !== "code-needed") throw error;
      setKnown({ name, password });
    }
  };
  if (known) return <ByCode known={known} done={done} back={() => setKnown(null)} />;
  return (
    <Form
      act={say.signIn}
      send={send}
      refusals={{ 401: say.wrong, 403: say.expired }}
      fields={[
        { name: "name", label: say.name, complete: "username" },
        { name: "password", label: say.password, kind: "password", complete: "current-password" },
      ]}
    />
  );
}

function ByCode({ known, done, back }: { known: Known; done: (session: SessionView) => void; back: () => void }) {
  const say = texts.value.door;
  const [recovery, setRecovery] = useState(false);
  const send = async ({ code = "" }: Record<string, string>) => done(await signIn(known.name, known.password, code));
  return (
    <>
      <p role="status">{say.codeNeeded(known.name)}</p>
      <Form
        key={String(recovery)}
        act={say.signIn}
        send={send}
        refusals={{ "wrong-code": say.wrongCode, 401: say.wrong, 403: say.expired }}
        fields={[
          recovery
            ? { name: "code", label: say.recoveryCode, hint: say.recoveryHint }
            : { name: "code", label: say.factorCode, kind: "code", complete: "one-time-code", hint: say.factorCodeHint },
        ]}
      />
      <button class="plain" type="button" onClick={() => setRecovery(!recovery)}>
        {recovery ? say.useFactorCode : say.useRecoveryCode}
      </button>
      <button class="plain" type="button" onClick={back}>
        {say.anotherName}
      </button>
    </>
  );
}
