// The sides of an alert: in which order they are told.

import type { AlertView, SideView } from "../contract/openapi";

/** The sides of an alert, the two of its border first; then those with most members. */
export function sidesOf(alert: AlertView): SideView[] {
  const border = alert.border.code.split("-");
  const beyond = (side: SideView) => Number(!border.includes(side.code));
  return [...alert.sides].sort((a, b) => beyond(a) - beyond(b));
}
