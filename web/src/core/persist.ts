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
  if (!answer.ok) throw new Refused(answer.status, await fieldOf(answer));
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

async function fieldOf(answer: Response): Promise<string | undefined> {
  if (!answer.headers.get("content-type")?.startsWith("application/problem+json")) return undefined;
  const problem = (await answer.json().catch(() => ({}))) as { field?: string };
  return problem.field;
}

/** Hands in JSON, or nothing, and asks for what comes of it. */
export function post<T>(path: string, body?: unknown): Promise<T> {
  return send("POST", path, body);
}

/** The same by another verb. */
export function send<T>(method: "POST" | "PATCH", path: string, body?: unknown): Promise<T> {
  const json = { "content-type": "application/json" };
  return ask(path, { method, ...(body === undefined ? {} : { headers: json, body: JSON.stringify(body) }) });
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
