// The door: signing in and out, the first account, and walls.

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { SessionView } from "../contract/SessionView";
import { persist } from "../core/persist";
import { nameOf } from "../core/region";
import { language, switchLanguage, texts } from "../texts";
import { admit, onward, setUp, signIn, signOut, who } from "./doors";
import { Form } from "./Form";
import { WallCode } from "./WallCode";
import "../style/base.css";
import "../style/enter.css";

const inside = () => location.replace(onward(location.search));

function SetUp({ secret }: { secret: string }) {
  const say = texts.value.door;
  const send = async ({ name = "", agency = "", password = "" }: Record<string, string>) => {
    await setUp(secret, name, agency, password);
    inside();
  };
  return (
    <>
      <p>{say.first}</p>
      <Form
        act={say.make}
        send={send}
        fields={[
          { name: "name", label: say.name, complete: "username" },
          { name: "agency", label: say.agency, hint: say.agencyHint },
          { name: "password", label: say.password, kind: "password", complete: "new-password", hint: say.passwordHint },
        ]}
      />
    </>
  );
}

function SignIn() {
  const say = texts.value.door;
  const [wall, setWall] = useState(false);
  const send = async ({ name = "", password = "" }: Record<string, string>) => {
    await signIn(name, password);
    inside();
  };
  if (wall) return <WallCode />;
  return (
    <>
      <Form
        act={say.signIn}
        send={send}
        fields={[
          { name: "name", label: say.name, complete: "username" },
          { name: "password", label: say.password, kind: "password", complete: "current-password" },
        ]}
      />
      <button class="plain" type="button" onClick={() => setWall(true)}>
        {say.isWall}
      </button>
    </>
  );
}

function Inside({ session }: { session: SessionView }) {
  const say = texts.value.door;
  const [admitted, setAdmitted] = useState<string | null>(null);
  const send = async ({ code = "", name = "" }: Record<string, string>) => {
    await admit(code, name);
    setAdmitted(name);
  };
  const leave = () => void signOut().catch(() => undefined).then(() => location.reload());
  return (
    <>
      <p>
        <b>{session.display}</b> {session.agency && nameOf(session.agency, language.value)}
      </p>
      <p>
        <a href="/wall">{texts.value.desk.wall}</a> <a href="/desk">{say.desk}</a>
      </p>
      {session.rights.includes("admit-wall") && (
        <section aria-label={say.admit}>
          <Form
            act={say.admit}
            send={send}
            fields={[
              { name: "code", label: say.code },
              { name: "name", label: say.wallName },
            ]}
          />
          {admitted !== null && <p role="status">{say.admitted(admitted)}</p>}
        </section>
      )}
      <button class="plain" type="button" onClick={leave}>
        {say.signOut}
      </button>
    </>
  );
}

function Door() {
  const say = texts.value;
  const [session, setSession] = useState<SessionView | null | undefined>(undefined);
  useEffect(() => {
    const wanted = new AbortController();
    void persist(who, wanted.signal).then(setSession);
    return () => wanted.abort();
  }, []);
  useEffect(() => {
    document.title = say.door.title;
  }, [say]);
  const secret = new URLSearchParams(location.search).get("key");
  return (
    <main class="door">
      <h1>{say.product}</h1>
      {session === undefined && <p role="status">{say.loading}</p>}
      {session === null && <SignIn />}
      {session?.open && (secret ? <SetUp secret={secret} /> : <p>{say.door.open}</p>)}
      {session && !session.open && <Inside session={session} />}
      <button class="plain" type="button" aria-label={say.languageLabel} onClick={switchLanguage}>
        {say.language}
      </button>
    </main>
  );
}

render(<Door />, document.getElementById("page")!);
