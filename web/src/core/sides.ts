// The sides of an alert: in which order they are told.

import type { AlertView, SideView } from "../contract/openapi";

/** The sides of an alert, the two of its border first, always in its order; then those with most members. */
export function sidesOf(alert: AlertView): SideView[] {
  // Codes may have hyphens of their own (ISO 3166-2).
  const parts = alert.border.code.split("-");
  const border = [parts.slice(0, parts.length / 2), parts.slice(parts.length / 2)].map((half) => half.join("-"));
  const rank = ({ code }: SideView) => (border.includes(code) ? border.indexOf(code) : border.length);
  return [...alert.sides].sort((a, b) => rank(a) - rank(b));
}
