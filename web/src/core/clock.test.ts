import { expect, test } from "vitest";
import { dayAfter, dayOf, dayStart, longTime } from "./clock";

test("a day begins at its own zone's midnight, also where clocks are put forward", () => {
  expect(dayStart("2026-11-26", "Asia/Shanghai")).toBe("2026-11-25T16:00:00.000Z");
  expect(dayAfter("2026-11-26", "Asia/Shanghai")).toBe("2026-11-26T16:00:00.000Z");
  // On 8 March 2026 New York's clocks go from 2 to 3 o'clock.
  expect(dayStart("2026-03-08", "America/New_York")).toBe("2026-03-08T05:00:00.000Z");
  expect(dayAfter("2026-03-08", "America/New_York")).toBe("2026-03-09T04:00:00.000Z");
});

test("where clocks are put forward at midnight the day begins at one o'clock", () => {
  // Azores, 29 March 2026: from 0 to 1 o'clock at 01:00 UTC.
  expect(dayStart("2026-03-29", "Atlantic/Azores")).toBe("2026-03-29T01:00:00.000Z");
  // Santiago, 6 September 2026: from 0 to 1 o'clock at 04:00 UTC.
  expect(dayStart("2026-09-06", "America/Santiago")).toBe("2026-09-06T04:00:00.000Z");
  expect(dayAfter("2026-09-05", "America/Santiago")).toBe("2026-09-06T04:00:00.000Z");
});

test("a zone on the other side of the date line skips a day", () => {
  expect(dayStart("2011-12-30", "Pacific/Apia")).toBe(dayStart("2011-12-31", "Pacific/Apia"));
});

test("in every zone a day's first instant is of that day, and the one before is not", { timeout: 60_000 }, () => {
  const noon = (day: number) => Date.UTC(2026, 0, 1 + day, 12);
  const wrong: string[] = [];
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    const ahead = (at: number) => Date.parse(`${longTime(at, zone, true).replace(" ", "T")}Z`) - at;
    for (let day = 1; day < 365; day++) {
      // The days on which clocks change, and one ordinary day.
      if (day !== 100 && ahead(noon(day)) === ahead(noon(day - 1)) && ahead(noon(day)) === ahead(noon(day + 1))) continue;
      const name = new Date(noon(day)).toISOString().slice(0, 10);
      const start = Date.parse(dayStart(name, zone));
      if (dayOf(start, zone) !== name || dayOf(start - 1, zone) >= name) wrong.push(`${zone} ${name}`);
    }
  }
  expect(wrong).toEqual([]);
});

test("an instant is told with its day", () => {
  const at = Date.parse("2026-11-25T16:05:09Z");
  expect(dayOf(at, "Asia/Shanghai")).toBe("2026-11-26");
  expect(longTime(at, "Asia/Shanghai")).toBe("2026-11-26 00:05");
  expect(longTime(at, "Asia/Shanghai", true)).toBe("2026-11-26 00:05:09");
});
