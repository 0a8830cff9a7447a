// What the desk asks of the server beyond the stream: an alert's particulars, the
// units near it, and the act of acknowledging.

import type { AlertDetail, AlertView, NearUnits } from "../contract/openapi";
import { act, ask } from "../core/persist";

/** What of an alert comes page by page. */
export type Part = "members" | "history";

/** How many pages of older ones are wanted beside the newest. */
export const NEWEST: Readonly<Record<Part, number>> = { members: 0, history: 0 };

/** Where the page with older ones begins; null if there are none. */
export function next(detail: AlertDetail, part: Part): string | null {
  return part === "members" ? detail.members_next : detail.history_next;
}

/** An alert with its newest members and last steps, and so many pages of older ones. */
export async function alertDetail(id: number, older = NEWEST): Promise<AlertDetail> {
  let detail: AlertDetail = await ask(`/api/v1/alerts/${id}`);
  for (const part of ["members", "history"] as const) {
    for (let page = 0; page < older[part] && next(detail, part) !== null; page++) {
      detail = await withOlder(detail, part);
    }
  }
  return detail;
}

async function withOlder(detail: AlertDetail, part: Part): Promise<AlertDetail> {
  const before = encodeURIComponent(next(detail, part) ?? "");
  const older: AlertDetail = await ask(`/api/v1/alerts/${detail.alert.id}?${part}_before=${before}`);
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

/** Takes an acknowledgement back, soon after it was made. */
export function withdraw(id: number): Promise<AlertView> {
  return act("DELETE", `/api/v1/alerts/${id}/acknowledge`);
}
