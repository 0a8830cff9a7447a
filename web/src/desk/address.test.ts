import { expect, test } from "vitest";
import { alertIn } from "./address";

test("an address names an alert or none", () => {
  expect(alertIn("#alert=27")).toBe(27);
  for (const other of ["", "#", "#alert=", "#alert=x", "#alert=-1", "#alert=1&x", "#alert=9999999999999999"]) {
    expect(alertIn(other)).toBe(null);
  }
});
