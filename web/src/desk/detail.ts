// What the desk asks of the server beyond the stream: an alert's particulars, the
// units near it, and the act of acknowledging.

import type { AlertStep } from "../contract/AlertStep";
import type { AlertView } from "../contract/AlertView";
import type { UnitView } from "../contract/UnitView";

/** An incident, whole. */
export interface IncidentView {
  id: number;
  external_id: string;
  matter: string;
  occurred_at: number;
  severity: number;
  description: string;
  /** Codes of the jurisdictions it lies in, the widest first. */
  jurisdictions: string[];
}

/** One step of an alert's life. */
export interface StepView {
  step: AlertStep;
  at: number;
  members: number;
  by: string | null;
  note: string | null;
}

/** `GET /api/v1/alerts/{id}`. */
export interface AlertDetail {
  alert: AlertView;
  members: IncidentView[];
  history: StepView[];
}

/** A unit and how far it is. */
export interface NearUnit {
  unit: UnitView;
  distance_m: number;
}

/** `GET /api/v1/alerts/{id}/units`. */
export interface NearUnits {
  sides: { code: string; units: NearUnit[] }[];
}

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

export function alertDetail(id: number): Promise<AlertDetail> {
  return get(`/api/v1/alerts/${id}`);
}

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
