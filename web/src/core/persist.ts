// Asking a server that may not be there yet, or not any more.

/** The wait after the first failure, and the longest between two tries, ms. */
const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;
/** An answer that takes longer is none, ms. */
const PATIENCE_MS = 20_000;

/** What went wrong when a server was asked: its status, or 0 when none answered. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    /** The field that was not as it must be, if the server named one. */
    readonly field?: string,
    /** What kind of problem it is, if the server said so. */
    readonly kind?: string,
  ) {
    super(`status ${status}`);
  }

  /** What an error says of it; one that is of something else counts as silence. */
  static of(error: unknown): Refused {
    return error instanceof Refused ? error : new Refused(0);
  }
}

let unknown: () => void = () => undefined;

/** What to do when the server asks who we are. */
export function onUnknown(act: () => void): void {
  unknown = act;
}

/** Asks once for JSON; a refusal, silence and a lost network are a {@link Refused}. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, headers: { accept: "application/json", ...init.headers }, signal });
  } catch {
    throw new Refused(0);
  }
  if (answer.status === 401) unknown();
  if (!answer.ok) throw await refusal(answer);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function refusal(answer: Response): Promise<Refused> {
  if (!answer.headers.get("content-type")?.startsWith("application/problem+json")) return new Refused(answer.status);
  const { field, type } = (await answer.json().catch(() => ({}))) as { field?: string; type?: string };
  return new Refused(answer.status, field, type?.replace(/^urn:pilin:problem:/, ""));
}

/** Hands in JSON, or nothing, and asks for what comes of it. */
export function post<T>(path: string, body?: unknown): Promise<T> {
  return ask(path, carrying("POST", body));
}

/**
 * Has something done, and done once: when no answer comes it is asked for a second
 * time under the same key, by which the server knows it again.
 */
export async function act<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown): Promise<T> {
  const init = carrying(method, body, { "idempotency-key": `"${newKey()}"` });
  try {
    return await ask(path, init);
  } catch (error) {
    if (Refused.of(error).status !== 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, FIRST_MS));
    return ask(path, init);
  }
}

function carrying(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** 128 random bits; `randomUUID` is not there on a page that came by plain HTTP. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The wait before try number `tries` (from 1), ms: twice as long each time. */
export function backOff(tries: number): number {
  return Math.min(FIRST_MS * 2 ** (tries - 1), LONGEST_MS);
}

/**
 * Tries until it succeeds; `undefined` once it is no longer wanted. `failed` hears of
 * each failure.
 */
export async function persist<T>(
  attempt: () => Promise<T>,
  signal?: AbortSignal,
  failed: () => void = () => undefined,
): Promise<T | undefined> {
  for (let tries = 1; !signal?.aborted; tries++) {
    try {
      return await attempt();
    } catch {
      if (signal?.aborted) break;
      failed();
      await new Promise((resolve) => setTimeout(resolve, backOff(tries)));
    }
  }
  return undefined;
}
