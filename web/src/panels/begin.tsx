// A page's beginning: says that it waits for the server, then shows what it has.

import { signal, type ReadonlySignal } from "@preact/signals";
import { render, type ComponentChild } from "preact";
import type { SessionView } from "../contract/openapi";
import { open, type Live } from "../core/live";
import { onUnknown } from "../core/persist";
import { who } from "../core/session";
import { texts } from "../texts";

/** How often a page asks whether it is still let in: a socket that was closed says less. */
const LET_IN_MS = 30_000;

/** Who sits here; `null` until it is known. */
export type Visitor = ReadonlySignal<SessionView | null>;

/** Opens the picture and shows it by `show`; goes to the door when it must sign in. */
export function begin(show: (live: Live, visitor: Visitor) => ComponentChild): void {
  const page = document.getElementById("page")!;
  const say = (text: string) => render(<p class="opening" role="status">{text}</p>, page);
  onUnknown(() => location.replace(`/sign-in?then=${encodeURIComponent(location.pathname)}${location.hash}`));
  const visitor = signal<SessionView | null>(null);
  const look = () => who().then((session) => (visitor.value = session), () => undefined);
  void look();
  setInterval(() => void look(), LET_IN_MS);
  say(texts.peek().loading);
  void open(() => say(texts.peek().noServer)).then((live) => render(show(live, visitor), page));
}
