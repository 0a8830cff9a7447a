import { afterEach, expect, test, vi } from "vitest";
import { alertDetail } from "./detail";

afterEach(() => vi.unstubAllGlobals());

/** Serves an alert of so many members and steps, three a page; tells what was asked for. */
function serve(members: number, steps: number): string[] {
  const asked: string[] = [];
  const page = (count: number, before: string | null) => {
    const end = before === null ? count : Number(before);
    const first = Math.max(0, end - 3);
    return { rows: Array.from({ length: end - first }, (_, at) => ({ id: first + at })), next: first > 0 ? `${first}` : null };
  };
  vi.stubGlobal("fetch", (path: string) => {
    asked.push(path.replace("/api/v1/alerts/7", ""));
    const { searchParams } = new URL(path, "http://desk");
    const [below, before] = [searchParams.get("members_before"), searchParams.get("history_before")];
    const none = { rows: [], next: null };
    const of = before !== null && below === null ? none : page(members, below);
    const past = below !== null && before === null ? none : page(steps, before);
    const detail = { alert: { id: 7 }, members: of.rows, members_next: of.next, history: past.rows, history_next: past.next };
    return Promise.resolve(Response.json(detail));
  });
  return asked;
}

const numbers = (rows: readonly unknown[]) => rows.map((row) => (row as { id: number }).id);

test("an alert's older members and steps go before the newer ones, and nothing of the other list is lost", async () => {
  const asked = serve(8, 4);
  const newest = await alertDetail(7);
  expect([numbers(newest.members), newest.members_next]).toEqual([[5, 6, 7], "5"]);
  const more = await alertDetail(7, { members: 1, history: 1 });
  expect([numbers(more.members), more.members_next]).toEqual([[2, 3, 4, 5, 6, 7], "2"]);
  expect([numbers(more.history), more.history_next]).toEqual([[0, 1, 2, 3], null]);
  expect(asked).toEqual(["", "", "?members_before=5", "?history_before=1"]);
});

test("no page is asked for beyond the last", async () => {
  const asked = serve(4, 1);
  const whole = await alertDetail(7, { members: 9, history: 9 });
  expect([numbers(whole.members), whole.members_next]).toEqual([[0, 1, 2, 3], null]);
  expect(asked).toHaveLength(2);
});
