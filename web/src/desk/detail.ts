// What the desk asks of the server beyond the stream: an alert's particulars, the
// units near it, and the act of acknowledging.

import type { AlertDetail } from "../contract/AlertDetail";
import type { NearUnits } from "../contract/NearUnits";

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(path, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(await problem(answer));
  return (await answer.json()) as T;
}

/** What the server says went wrong (RFC 9457), or its status. */
async function problem(answer: Response): Promise<string> {
  try {
    const { title, detail } = (await answer.json()) as { title?: string; detail?: string };
    return detail ?? title ?? String(answer.status);
  } catch {
    return String(answer.status);
  }
}

/** An alert with its members and history. */
export function alertDetail(id: number): Promise<AlertDetail> {
  return get(`/api/v1/alerts/${id}`);
}

/** The units near an alert, by its sides. */
export function nearUnits(id: number): Promise<NearUnits> {
  return get(`/api/v1/alerts/${id}/units`);
}

/** Answers for an alert; what follows comes by the stream. */
export async function acknowledge(id: number, by: string, note: string): Promise<void> {
  const answer = await fetch(`/api/v1/alerts/${id}/acknowledge`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ by, note }),
  });
  if (!answer.ok) throw new Error(await problem(answer));
}
