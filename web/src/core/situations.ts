// Alerts that are about one place: several rules often see the same reports. Wall and
// desk count, list and draw places, so that both show the same figures. Pure.

import type { AlertView } from "../contract/openapi";
import { byUrgency, stands } from "./world";
import { overlap } from "./overlap";

/** Alerts that one person looks at, and signs, together. */
export interface Situation {
  /** The alert that stands for all: the most urgent, then the one with most members. */
  lead: AlertView;
  /** All of them, the lead first. */
  alerts: readonly AlertView[];
}

/** Whether two alerts of different rules see the same reports: they are at one border, and share a category and ground. */
function alike(a: AlertView, b: AlertView): boolean {
  return (
    a.rule !== b.rule &&
    a.border.code === b.border.code &&
    a.matters.some(([code]) => b.matters.some(([other]) => other === code)) &&
    overlap(a.hull, b.hull)
  );
}

/** Whether two alerts that stand are about one place. */
function same(a: AlertView, b: AlertView): boolean {
  return stands(a) && stands(b) && alike(a, b);
}

/** Whether somebody has to answer for an alert. */
export function waits(alert: AlertView): boolean {
  return stands(alert) && alert.acknowledged === null;
}

/** Whether somebody has to answer for any of a situation's alerts. */
export function isWaiting({ alerts }: Situation): boolean {
  return alerts.some(waits);
}

/** Since when the first of those that wait alarms; `null` if none waits. */
export function waitingSince({ alerts }: Situation): number | null {
  const since = alerts.filter(waits).map((alert) => alert.alarming_since);
  return since.length === 0 ? null : Math.min(...since);
}

/** Whether a situation goes on: of one that has ended no alert stands. */
export function isStanding({ lead }: Situation): boolean {
  return stands(lead);
}

/** The alerts that ended last, the newest first; of several rules at one place the one that ended last. */
export function lastEnded(alerts: readonly AlertView[], most: number): AlertView[] {
  const told: AlertView[] = [];
  // One that was merged goes on under another number.
  const ended = alerts.filter(({ state, ended_at }) => state === "cleared" && ended_at !== null).sort((a, b) => b.ended_at! - a.ended_at!);
  for (const alert of ended) {
    if (told.length >= most) break;
    if (!told.some((other) => alike(alert, other))) told.push(alert);
  }
  return told;
}

/** How one border stands. */
export interface BorderState {
  border: AlertView["border"];
  /** How many places stand, and how many of them wait. */
  open: number;
  waiting: number;
  /** Since when the first of those that wait alarms; `null` if none waits. */
  since: number | null;
}

/** How the borders stand at which most waits and stands, at most so many, in the order of their codes. */
export function byBorder(standing: readonly Situation[], most: number): BorderState[] {
  const borders = new Map<string, BorderState>();
  for (const situation of standing) {
    const { border } = situation.lead;
    const state = borders.get(border.code) ?? { border, open: 0, waiting: 0, since: null };
    const since = waitingSince(situation);
    state.open++;
    if (since !== null) {
      state.waiting++;
      state.since = Math.min(state.since ?? since, since);
    }
    borders.set(border.code, state);
  }
  const worst = [...borders.values()].sort((a, b) => b.waiting - a.waiting || b.open - a.open).slice(0, most);
  return worst.sort((a, b) => a.border.code.localeCompare(b.border.code));
}

/** Puts alerts together that are about one place; the most urgent first. */
export function situations(alerts: readonly AlertView[]): Situation[] {
  const groups: AlertView[][] = [];
  for (const alert of alerts) {
    const near = groups.filter((group) => group.some((other) => same(alert, other)));
    const joined = [alert, ...near.flat()];
    for (const group of near) groups.splice(groups.indexOf(group), 1);
    groups.push(joined);
  }
  return groups
    .map((group) => {
      const ordered = group.sort((a, b) => grave(a, b) || b.members - a.members || a.id - b.id);
      return { lead: ordered[0]!, alerts: ordered };
    })
    .sort((a, b) => Number(isWaiting(b)) - Number(isWaiting(a)) || byUrgency(a.lead, b.lead));
}

function grave(a: AlertView, b: AlertView): number {
  return Number(stands(b)) - Number(stands(a)) || Number(waits(b)) - Number(waits(a)) || b.severity - a.severity;
}
