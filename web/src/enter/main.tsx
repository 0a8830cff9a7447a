// The door: signing in and out, the first account, and walls.

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { JurisdictionView, SessionView } from "../contract/openapi";
import { persist } from "../core/persist";
import { nameOf } from "../core/region";
import { administers, signOut, who } from "../core/session";
import { language, switchLanguage, texts } from "../texts";
import { agencyGroups } from "./agencies";
import { agencies, changePassword, elsewhere, onward, refusedElsewhere, setUp, ways } from "./doors";
import { Admit } from "./Admit";
import { Factor } from "./Factor";
import { Form } from "./Form";
import { ByPassword } from "./SignIn";
import { WallCode } from "./WallCode";
import "../style/base.css";
import "../style/enter.css";

const inside = (session: SessionView) => location.replace(onward(location.search, session) + location.hash);

function SetUp({ secret }: { secret: string }) {
  const say = texts.value.door;
  const [places, setPlaces] = useState<readonly JurisdictionView[]>([]);
  useEffect(() => {
    const wanted = new AbortController();
    void persist(agencies, wanted.signal).then((found) => found && setPlaces(found));
    return () => wanted.abort();
  }, []);
  const [made, setMade] = useState(false);
  const send = async ({ name = "", agency = "", password = "" }: Record<string, string>) => {
    await setUp(secret, name, agency, password);
    setMade(true);
  };
  if (made) {
    return (
      <>
        <p role="status">{say.made}</p>
        <p>
          <a href="/admin">{texts.value.admin.title}</a> <a href="/desk">{say.desk}</a>
        </p>
      </>
    );
  }
  return (
    <>
      <p>{say.first}</p>
      <Form
        act={say.make}
        send={send}
        refusals={{ 401: say.wrongKey, 409: say.haveAccount }}
        fields={[
          { name: "name", label: say.name, complete: "username", rule: say.nameRule },
          {
            name: "agency", label: say.agency, hint: say.agencyHint, rule: say.agencyRule,
            choices: agencyGroups(places, language.value),
          },
          {
            name: "password", label: say.password, kind: "password", complete: "new-password",
            hint: say.passwordHint, rule: say.passwordRule,
          },
        ]}
      />
    </>
  );
}

/** Where nobody needs to sign in. */
function Open() {
  const say = texts.value;
  return (
    <>
      <p>{say.door.open}</p>
      <p>
        <a href="/wall">{say.desk.wall}</a> <a href="/desk">{say.door.desk}</a>
      </p>
    </>
  );
}

function SignIn({ wall, isWall, first }: { wall: boolean; isWall: () => void; first: (session: SessionView) => void }) {
  const say = texts.value.door;
  if (wall) return <WallCode />;
  return (
    <>
      <ByPassword done={(session) => (session.must ? first(session) : inside(session))} />
      <Elsewhere />
      <button class="plain" type="button" onClick={isWall}>
        {say.isWall}
      </button>
    </>
  );
}

/** The way by a provider of OpenID Connect, if there is one, and why it led back here. */
function Elsewhere() {
  const say = texts.value.door;
  const [there, setThere] = useState(false);
  useEffect(() => {
    const wanted = new AbortController();
    void persist(ways, wanted.signal).then((found) => found && setThere(found.oidc));
    return () => wanted.abort();
  }, []);
  if (!there) return null;
  const refused = refusedElsewhere(location.search);
  return (
    <>
      {refused && <p role="alert">{say.elsewhere[refused]}</p>}
      <a class="way" href={elsewhere(location.search)}>
        {say.signInElsewhere}
      </a>
    </>
  );
}

function Password({ first = false }: { first?: boolean }) {
  const say = texts.value.door;
  const [changed, setChanged] = useState(false);
  const send = async (values: Record<string, string>) => {
    await changePassword(values["old"] ?? "", values["new"] ?? "");
    if (first) inside((await who())!);
    else setChanged(true);
  };
  return (
    <details open={first}>
      <summary>{say.changePassword}</summary>
      {changed ? (
        <p role="status">{say.passwordChanged}</p>
      ) : (
        <Form
          act={say.changePassword}
          send={send}
          refusals={{ 401: say.wrongPassword }}
          fields={[
            { name: "old", label: say.oldPassword, kind: "password", complete: "current-password" },
            {
              name: "new", label: say.newPassword, kind: "password", complete: "new-password",
              hint: say.passwordHint, rule: say.passwordRule,
            },
          ]}
        />
      )}
    </details>
  );
}

function Inside({ session }: { session: SessionView }) {
  const say = texts.value.door;
  const leave = () => void signOut().catch(() => undefined).then(() => location.reload());
  return (
    <>
      <p>
        <b>{session.display}</b> {session.agency && nameOf(session.agency, language.value)}
      </p>
      {session.must && <p role="status">{session.must === "change-password" ? say.mustChange : say.mustEnrol}</p>}
      {!session.must && <p>
        <a href="/wall">{texts.value.desk.wall}</a> <a href="/desk">{say.desk}</a>{" "}
        {administers(session) && <a href="/admin">{texts.value.admin.title}</a>}
      </p>}
      {session.rights.includes("admit-wall") && <Admit />}
      {session.role !== "wall" && <Password first={session.must === "change-password"} />}
      {session.role !== "wall" && session.must !== "change-password" && (
        <Factor first={session.must === "enrol-second-factor"} enrolled={() => session.must && void who().then((now) => inside(now!))} />
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
  const [wall, setWall] = useState(false);
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
    <main class={wall ? "door wide" : "door"}>
      <header>
        <h1>{say.product}</h1>
        <button class="plain" type="button" aria-label={say.languageLabel} onClick={switchLanguage}>
          {say.language}
        </button>
      </header>
      {session === undefined && <p role="status">{say.loading}</p>}
      {session === null && <SignIn wall={wall} isWall={() => setWall(true)} first={setSession} />}
      {session?.open && (secret ? <SetUp secret={secret} /> : <Open />)}
      {session && !session.open && <Inside session={session} />}
    </main>
  );
}

render(<Door />, document.getElementById("page")!);
