import { expect, test } from "vitest";
import { targetOf } from "./target";

test("the server's words are told from the names that people chose", () => {
  expect(targetOf("alert 12")).toEqual({ word: "alert", names: ["12"] });
  expect(targetOf("unit 沪B 12")).toEqual({ word: "unit", names: ["沪B 12"] });
  expect(targetOf("session 7 of li of Qingpu")).toEqual({ word: "session", names: ["7", "li of Qingpu"] });
  for (const name of ["root", "clock", "audit chain", "alert", "session of li", "/api/v1/alerts", ""]) {
    expect(targetOf(name)).toEqual({ word: name, names: [] });
  }
});
