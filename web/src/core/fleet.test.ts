import { expect, test } from "vitest";
import { Fleet } from "./fleet";
import { unit } from "./samples";

const frame = (at: number, ...rows: ReturnType<typeof unit>[]) => ({ at, reset: true, rows });

test("after more cells than a column can number, each still tells of its own units alone", () => {
  const fleet = new Fleet();
  const followed = "units:9/428/209@1s";
  fleet.take(followed, frame(1, unit(1, 120.9, 1)), 0);
  // A tour sees a few hundred cells an hour: more than 65,536 of them in a week or two.
  for (let cell = 0; cell < 70_000; cell++) {
    fleet.take(`units:12/${cell}/0@1s`, frame(1, unit(2, 121, 1)), 0);
    fleet.leave(`units:12/${cell}/0@1s`);
    if (fleet.count !== 1 || fleet.find(1) === undefined) throw new Error(`unit 1 went with cell ${cell}`);
  }
  expect([fleet.count, fleet.find(1), fleet.find(2)]).toEqual([1, 0, undefined]);
});

test("two cells that are followed at once keep apart, also where one took a number over", () => {
  const fleet = new Fleet();
  fleet.take("a", frame(1, unit(1, 120.9, 1)), 0);
  fleet.take("b", frame(1, unit(2, 121, 1)), 0);
  fleet.leave("a");
  fleet.take("c", frame(1, unit(3, 121.1, 1)), 0);
  fleet.take("d", frame(1, unit(4, 121.2, 1)), 0);
  fleet.leave("c");
  expect([1, 2, 3, 4].map((id) => fleet.find(id) !== undefined)).toEqual([false, true, false, true]);
  fleet.leave("b");
  expect(fleet.count).toBe(1);
});
