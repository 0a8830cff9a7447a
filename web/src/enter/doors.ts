// What the door asks of the server (docs/access.md).

import type { AskingWallView, FactorOffer, FactorView, JurisdictionView, RecoveryCodes, RegionView, SessionView, SignInWays, WallCodeView } from "../contract/openapi";
import { act, ask, post } from "../core/persist";
import { administers } from "../core/session";

/** Signs in; `code` is of the second factor, if one was asked for. */
export function signIn(name: string, password: string, code?: string): Promise<SessionView> {
  return post("/api/v1/session", { name, password, code });
}

/** Makes the first account. */
export function setUp(key: string, name: string, agency: string, password: string): Promise<SessionView> {
  return post("/api/v1/setup", { key, name, agency, password });
}

/** The jurisdictions whose agency the first account may be of. */
export async function agencies(): Promise<JurisdictionView[]> {
  return (await ask<RegionView>("/api/v1/region")).jurisdictions;
}

/** Changes one's own password. */
export function changePassword(old: string, password: string): Promise<void> {
  return act("POST", "/api/v1/session/password", { old, new: password });
}

/** What one has of a second factor. */
export function factor(): Promise<FactorView> {
  return ask("/api/v1/session/factor");
}

/** A second factor for an authenticator to take over. */
export function offerFactor(password: string): Promise<FactorOffer> {
  return post("/api/v1/session/factor", { password });
}

/** Enrols it by what the authenticator shows; the recovery codes are told once. */
export async function enrolFactor(password: string, secret: string, code: string): Promise<string[]> {
  return (await act<RecoveryCodes>("PUT", "/api/v1/session/factor", { password, secret, code })).recovery_codes;
}

/** Takes one's own second factor off. */
export function removeFactor(password: string, code: string): Promise<void> {
  return act("DELETE", "/api/v1/session/factor", { password, code });
}

/** A code for this screen to show. */
export function wallCode(): Promise<WallCodeView> {
  return post("/api/v1/session/code");
}

/** Whether this screen was let in. */
export async function claim(code: WallCodeView): Promise<boolean> {
  const told = await post<SessionView | { granted: false }>("/api/v1/session/code/claim", { claim: code.claim });
  return !("granted" in told);
}

/** Which screen shows a code. */
export function askingWall(code: string): Promise<AskingWallView> {
  return ask(`/api/v1/session/code/${encodeURIComponent(code)}`);
}

/** Lets the screen of a code in. */
export function admit(code: string, name: string): Promise<void> {
  return act("POST", `/api/v1/session/code/${encodeURIComponent(code)}/grant`, { name });
}

/** Where to go once inside: back, if that is a page of ours; else where there is something to see. */
export function onward(search: string, session?: SessionView): string {
  const then = new URLSearchParams(search).get("then");
  if (then === "/wall" || then === "/desk" || then === "/admin") return then;
  return session && !session.rights.includes("see-alerts") && administers(session) ? "/admin" : "/desk";
}

/** How one can sign in beside by a password. */
export function ways(): Promise<SignInWays> {
  return ask("/api/v1/session/ways");
}

/** Where to sign in by the provider. */
export function elsewhere(search: string): string {
  return `/api/v1/session/oidc?then=${encodeURIComponent(onward(search))}`;
}

const REFUSED = ["declined", "late", "provider", "taken", "unknown"] as const;

/** Why the provider's word was not enough, if it was not. */
export function refusedElsewhere(search: string): (typeof REFUSED)[number] | undefined {
  const refused = new URLSearchParams(search).get("refused");
  return REFUSED.find((known) => known === refused);
}
