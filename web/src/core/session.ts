// Who sits at this page.

import type { SessionView } from "../contract/openapi";
import { ask, Refused } from "./persist";

/** Whether the page of the administrators has a section for who asks. */
export function administers({ open, rights }: SessionView): boolean {
  return !open && ["manage-accounts", "manage-tokens", "read-audit"].some((right) => rights.includes(right));
}

/** Who asks; `null` if nobody has signed in. Who must do something first is sent to where it is done. */
export async function who(): Promise<SessionView | null> {
  try {
    const session = await ask<SessionView>("/api/v1/session");
    if (session.must && location.pathname !== "/sign-in") {
      location.replace(`/sign-in?then=${encodeURIComponent(location.pathname)}`);
    }
    return session;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null;
    throw error;
  }
}

export function signOut(): Promise<void> {
  return ask("/api/v1/session", { method: "DELETE" });
}
