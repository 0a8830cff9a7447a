// A page's beginning: says that it waits for the server, then shows what it has.

import { render, type ComponentChild } from "preact";
import { open, type Live } from "../core/live";
import { ask, onUnknown } from "../core/persist";
import { texts } from "../texts";

/** How often a page asks whether it is still let in: a socket that was closed says less. */
const LET_IN_MS = 30_000;

/** Opens the picture and shows it by `show`; goes to the door when it must sign in. */
export function begin(show: (live: Live) => ComponentChild): void {
  const page = document.getElementById("page")!;
  const say = (text: string) => render(<p class="opening" role="status">{text}</p>, page);
  onUnknown(() => location.replace(`/sign-in?then=${encodeURIComponent(location.pathname)}`));
  setInterval(() => void ask("/api/v1/session").catch(() => undefined), LET_IN_MS);
  say(texts.peek().loading);
  void open(() => say(texts.peek().noServer)).then((live) => render(show(live), page));
}
