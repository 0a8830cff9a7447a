// What the door asks of the server (docs/access.md).

import type { SessionView } from "../contract/SessionView";
import type { WallCodeView } from "../contract/WallCodeView";
import { ask, post, Refused } from "../core/persist";

/** Who asks; `null` if nobody has signed in. */
export async function who(): Promise<SessionView | null> {
  try {
    return await ask<SessionView>("/api/v1/session");
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null;
    throw error;
  }
}

export function signIn(name: string, password: string): Promise<SessionView> {
  return post("/api/v1/session", { name, password });
}

export function signOut(): Promise<void> {
  return ask("/api/v1/session", { method: "DELETE" });
}

/** Makes the first account. */
export function setUp(key: string, name: string, agency: string, password: string): Promise<SessionView> {
  return post("/api/v1/setup", { key, name, agency, password });
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

/** Lets the screen of a code in. */
export function admit(code: string, name: string): Promise<void> {
  return post(`/api/v1/session/code/${encodeURIComponent(code)}/grant`, { name });
}

/** Where to go once inside: back, if that is a page of ours. */
export function onward(search: string): string {
  const then = new URLSearchParams(search).get("then");
  return then === "/wall" || then === "/desk" ? then : "/desk";
}
