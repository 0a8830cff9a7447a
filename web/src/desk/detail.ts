// What the desk asks of the server beyond the stream: an alert's particulars, the
// units near it, and the act of acknowledging.

import type { AlertDetail, AlertView, NearUnits } from "../contract/openapi";
import { act, ask } from "../core/persist";

/** An alert with its members and history. */
export function alertDetail(id: number): Promise<AlertDetail> {
  return ask(`/api/v1/alerts/${id}`);
}

/** The units near an alert, by its sides. */
export function nearUnits(id: number): Promise<NearUnits> {
  return ask(`/api/v1/alerts/${id}/units`);
}

/**
 * Answers for an alert, by a name where nobody signs in; what follows comes by the
 * stream.
 */
export function acknowledge(id: number, by: string | undefined, note: string): Promise<AlertView> {
  return act("POST", `/api/v1/alerts/${id}/acknowledge`, { by, note });
}

/** Takes an acknowledgement back, soon after it was made. */
export function withdraw(id: number): Promise<AlertView> {
  return act("DELETE", `/api/v1/alerts/${id}/acknowledge`);
}
