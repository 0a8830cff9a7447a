// The administrators' page: accounts, tokens, sessions and walls, the audit log; each
// role is shown what it may do.

import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { RegionView } from "../contract/openapi";
import { ask, onUnknown, persist } from "../core/persist";
import { Region } from "../core/region";
import { administers, who } from "../core/session";
import { switchLanguage, texts } from "../texts";
import { Accounts } from "./Accounts";
import { Audit } from "./Audit";
import { Devices } from "./Devices";
import { Sessions } from "./Sessions";
import { Tokens } from "./Tokens";
import type { Office } from "./state";
import "../style/base.css";
import "../style/admin.css";

const SECTIONS = { accounts: Accounts, tokens: Tokens, devices: Devices, sessions: Sessions, audit: Audit };
type Section = keyof typeof SECTIONS;

/** What each section needs. */
const NEEDS: Record<Section, string> = {
  accounts: "manage-accounts",
  tokens: "manage-tokens",
  devices: "manage-tokens",
  sessions: "manage-accounts",
  audit: "read-audit",
};

function sectionsOf({ session }: Office): Section[] {
  return (Object.keys(SECTIONS) as Section[]).filter((name) => session.rights.includes(NEEDS[name]));
}

function sectionOf(hash: string, known: readonly Section[]): Section {
  return known.find((name) => name === hash.slice(1)) ?? known[0] ?? "audit";
}

/** What the page needs to know first; `null` when nobody has signed in. */
async function enter(): Promise<Office | null> {
  const session = await who();
  return session && { session, region: new Region(await ask<RegionView>("/api/v1/region")) };
}

function Sections({ office }: { office: Office }) {
  const say = texts.value.admin;
  const known = sectionsOf(office);
  const [section, go] = useState(sectionOf(location.hash, known));
  useEffect(() => {
    const moved = () => go(sectionOf(location.hash, known));
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  const Shown = SECTIONS[section];
  return (
    <>
      <nav aria-label={say.title}>
        {known.map((name) => (
          <a key={name} href={`#${name}`} aria-current={name === section ? "page" : undefined}>
            {say.sections[name]}
          </a>
        ))}
      </nav>
      <main>
        <h2>{say.sections[section]}</h2>
        <Shown key={section} office={office} />
      </main>
    </>
  );
}

function Page({ office }: { office: Office }) {
  const say = texts.value;
  useEffect(() => {
    document.title = say.admin.pageTitle;
  }, [say]);
  const admin = administers(office.session);
  return (
    <div class="admin">
      <header class="top">
        <h1>
          <b>{say.product}</b> <span>{say.admin.title}</span>
        </h1>
        <div class="right">
          <a href="/desk">{say.door.desk}</a>
          <a href="/sign-in">{office.session.display ?? say.door.account}</a>
          <button class="plain" type="button" aria-label={say.languageLabel} onClick={switchLanguage}>
            {say.language}
          </button>
        </div>
      </header>
      {admin ? <Sections office={office} /> : <main class="quiet">{office.session.open ? say.door.open : say.admin.notAdmin}</main>}
    </div>
  );
}

const page = document.getElementById("page")!;
onUnknown(() => location.replace("/sign-in?then=/admin"));
render(<p class="opening" role="status">{texts.peek().loading}</p>, page);
void persist(enter).then((office) => office && render(<Page office={office} />, page));
