// One's own second factor: enrolling it, and taking it off.

import { useEffect, useState } from "preact/hooks";
import type { FactorOffer, FactorView } from "../contract/openapi";
import { persist } from "../core/persist";
import { texts } from "../texts";
import { enrolFactor, factor, offerFactor, removeFactor } from "./doors";
import { Form, type Field } from "./Form";

interface Props {
  /** Whether it must be enrolled before anything else. */
  first: boolean;
  /** What comes after it was enrolled and the recovery codes were put away. */
  enrolled: () => void;
}

/** The section of the second factor; nothing for who can have none. */
export function Factor({ first, enrolled }: Props) {
  const say = texts.value.door;
  const [held, setHeld] = useState<FactorView | undefined>(undefined);
  const look = (wanted?: AbortSignal) => void persist(factor, wanted).then((found) => found && setHeld(found));
  useEffect(() => {
    const wanted = new AbortController();
    look(wanted.signal);
    return () => wanted.abort();
  }, []);
  if (!held?.possible) return null;
  const done = () => {
    look();
    enrolled();
  };
  return (
    <details open={first}>
      <summary>
        {say.factor} {held.enrolled ? say.factorOn : say.factorOff}
      </summary>
      {held.enrolled ? <TakeOff left={held.recovery_codes} done={() => look()} /> : <Enrol done={done} />}
    </details>
  );
}

function password(): Field {
  const say = texts.value.door;
  return { name: "password", label: say.password, kind: "password", complete: "current-password" };
}

function code(): Field {
  const say = texts.value.door;
  return { name: "code", label: say.factorCode, kind: "code", complete: "one-time-code", rule: say.codeRule };
}

function Enrol({ done }: { done: () => void }) {
  const say = texts.value.door;
  const [offer, setOffer] = useState<(FactorOffer & { password: string }) | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  if (codes) return <Recovery codes={codes} close={done} />;
  if (!offer) {
    const begin = async ({ password = "" }: Record<string, string>) =>
      setOffer({ ...(await offerFactor(password)), password });
    return (
      <>
        <p>{say.factorAbout}</p>
        <Form act={say.factorBegin} send={begin} refusals={{ 401: say.wrongPassword }} fields={[password()]} />
      </>
    );
  }
  const send = async (values: Record<string, string>) =>
    setCodes(await enrolFactor(offer.password, offer.secret, values["code"] ?? ""));
  return (
    <>
      <p>{say.factorScan}</p>
      <svg class="qr" role="img" aria-label={say.factorQr} viewBox={`0 0 ${offer.qr.size} ${offer.qr.size}`}>
        <path d={offer.qr.path} />
      </svg>
      <p>
        {say.factorSecret} <code>{offer.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
      </p>
      <Form act={say.factorEnrol} send={send} refusals={{ 401: say.wrongPassword, 409: say.factorOn }} fields={[code()]} />
    </>
  );
}

/** The recovery codes, until they are put away. */
function Recovery({ codes, close }: { codes: readonly string[]; close: () => void }) {
  const { door: say, admin } = texts.value;
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      setCopied(true);
    } catch {
      // Only a page that came by HTTPS may write there; the list can be selected.
      getSelection()?.selectAllChildren(document.getElementById("recovery")!);
    }
  };
  return (
    <section class="recovery">
      <p role="status">{say.recoveryAbout}</p>
      <ol id="recovery" aria-label={say.recoveryCodes}>
        {codes.map((one) => (
          <li key={one}>
            <code>{one}</code>
          </li>
        ))}
      </ol>
      <button class="plain" type="button" onClick={() => void copy()}>
        {copied ? admin.copied : admin.copy}
      </button>
      <button class="plain" type="button" onClick={() => print()}>
        {say.print}
      </button>
      <button type="button" onClick={close}>
        {admin.kept}
      </button>
    </section>
  );
}

function TakeOff({ left, done }: { left: number; done: () => void }) {
  const say = texts.value.door;
  const send = async (values: Record<string, string>) => {
    await removeFactor(values["password"] ?? "", values["code"] ?? "");
    done();
  };
  return (
    <>
      <p>{say.recoveryLeft(left)}</p>
      <Form
        act={say.factorTakeOff}
        send={send}
        refusals={{ "wrong-code": say.wrongCode, 401: say.wrongPassword }}
        fields={[password(), { name: "code", label: say.codeOrRecovery, complete: "one-time-code" }]}
      />
    </>
  );
}
