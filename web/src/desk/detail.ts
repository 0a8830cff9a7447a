// What the desk asks of the server beyond the stream: an alert's particulars, the
// units near it, and the act of acknowledging.

import type { AlertDetail, AlertView, NearUnits } from "../contract/openapi";
import { act, ask } from "../core/persist";

/** An alert with its newest members and last steps. */
export function alertDetail(id: number): Promise<AlertDetail> {
  return ask(`/api/v1/alerts/${id}`);
}

/** The same with the members before those at hand, or with the steps before them. */
export async function withOlder(detail: AlertDetail, part: "members" | "history"): Promise<AlertDetail> {
  const before = part === "members" ? detail.members_next : detail.history_next;
  const older: AlertDetail = await ask(`/api/v1/alerts/${detail.alert.id}?${part}_before=${encodeURIComponent(before!)}`);
  return part === "members"
    ? { ...detail, members: [...older.members, ...detail.members], members_next: older.members_next }
    : { ...detail, history: [...older.history, ...detail.history], history_next: older.history_next };
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
