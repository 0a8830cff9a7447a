import { expect, test } from "vitest";
import { dayAfter, dayOf, dayStart, longTime } from "./clock";

test("a day begins at its own zone's midnight, also where clocks are put forward", () => {
  expect(dayStart("2026-11-26", "Asia/Shanghai")).toBe("2026-11-25T16:00:00.000Z");
  expect(dayAfter("2026-11-26", "Asia/Shanghai")).toBe("2026-11-26T16:00:00.000Z");
  // On 8 March 2026 New York's clocks go from 2 to 3 o'clock.
  expect(dayStart("2026-03-08", "America/New_York")).toBe("2026-03-08T05:00:00.000Z");
  expect(dayAfter("2026-03-08", "America/New_York")).toBe("2026-03-09T04:00:00.000Z");
});

test("an instant is told with its day", () => {
  const at = Date.parse("2026-11-25T16:05:09Z");
  expect(dayOf(at, "Asia/Shanghai")).toBe("2026-11-26");
  expect(longTime(at, "Asia/Shanghai")).toBe("2026-11-26 00:05");
  expect(longTime(at, "Asia/Shanghai", true)).toBe("2026-11-26 00:05:09");
});
