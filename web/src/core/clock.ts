// Times as the region's people read them.

import type { Language } from "./region";

const LOCALES: Record<Language, string> = { zh: "zh-CN", en: "en-GB" };
const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, timeZone: string, key: string, options: Intl.DateTimeFormatOptions) {
  const name = `${language} ${timeZone} ${key}`;
  let found = formats.get(name);
  if (!found) {
    found = new Intl.DateTimeFormat(LOCALES[language], { timeZone, ...options });
    formats.set(name, found);
  }
  return found;
}

/** `14:05:09`. */
export function clockTime(at: number, timeZone: string): string {
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const;
  return format("en", timeZone, "time", options).format(at);
}

/** `14:05`, with the date before it unless it is of the day that began at `day_start`. */
export function shortTime(at: number, timeZone: string, day_start: number | undefined): string {
  const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  if (day_start !== undefined && at >= day_start) return format("en", timeZone, "hm", options).format(at);
  const day = { month: "2-digit", day: "2-digit", ...options } as const;
  return format("zh", timeZone, "mdhm", day).format(at).replace("/", "-");
}

/** `2026年11月25日 星期三`, `Wednesday 25 November 2026`. */
export function longDate(at: number, timeZone: string, language: Language): string {
  const options = { year: "numeric", month: "long", day: "numeric", weekday: "long" } as const;
  const text = format(language, timeZone, "date", options).format(at);
  return language === "zh" ? text.replace(/(日)\s*(星期)/, "$1 $2") : text.replace(",", "");
}

/** Whole days, hours and minutes of a span in ms; never negative. */
export function span(ms: number): { days: number; hours: number; minutes: number } {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  return { days: Math.floor(minutes / 1440), hours: Math.floor(minutes / 60) % 24, minutes: minutes % 60 };
}

/** `2026-11-25 14:05`, with the seconds if asked for. */
export function longTime(at: number, timeZone: string, seconds = false): string {
  const time = clockTime(at, timeZone);
  return `${dayOf(at, timeZone)} ${seconds ? time : time.slice(0, 5)}`;
}

/** The day of an instant, `2026-11-25`. */
export function dayOf(at: number, timeZone: string): string {
  const options = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  return format("zh", timeZone, "day", options).format(at).replaceAll("/", "-");
}

/** No zone's midnight is farther from that of Greenwich, ms. */
const FARTHEST_MS = 16 * 3_600_000;

/**
 * When a day begins, RFC 3339: its first instant, which is not midnight where clocks are
 * put forward at midnight.
 */
export function dayStart(day: string, timeZone: string): string {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  let [before, begun] = [midnight - FARTHEST_MS, midnight + FARTHEST_MS];
  while (begun - before > 1) {
    const middle = Math.floor((before + begun) / 2);
    if (dayOf(middle, timeZone) < day) before = middle;
    else begun = middle;
  }
  return new Date(begun).toISOString();
}

/** When a day ends, RFC 3339. */
export function dayAfter(day: string, timeZone: string): string {
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 24 * 3_600_000);
  return dayStart(next.toISOString().slice(0, 10), timeZone);
}
