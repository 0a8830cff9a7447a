import { expect, test } from "vitest";
import { Tempo } from "./tempo";

/** What is said after hearing a clock that goes `rate` times as fast, with some delay on the way. */
function after(seconds: number, rate: (second: number) => number): number {
  const tempo = new Tempo();
  let [there, said] = [0, 1];
  for (let second = 0; second < seconds; second++) {
    there += rate(second) * 1000;
    said = tempo.hear(second * 1000 + (second % 3) * 20, there);
  }
  return said;
}

test("a clock that is driven fast is told by its tempo", () => {
  expect(after(12, () => 60)).toBe(60);
  expect(after(12, (second) => (second % 2 ? 58 : 62))).toBe(60);
  expect(after(12, () => 3)).toBe(3);
  expect(after(12, () => 3_600)).toBe(3_600);
});

test("a clock of life, one that stands, and one that leapt once have no tempo", () => {
  expect(after(12, () => 1)).toBe(1);
  expect(after(12, () => 0)).toBe(1);
  expect(after(12, (second) => (second === 5 ? 90_000 : 1))).toBe(1);
  expect(after(2, () => 60)).toBe(1);
  expect(after(12, () => 29_000)).toBe(1);
});
