// A page's beginning: says that it waits for the server, then shows what it has.

import { render, type ComponentChild } from "preact";
import { open, type Live } from "../core/live";
import { texts } from "../texts";

/** Opens the picture and shows it by `show`. */
export function begin(show: (live: Live) => ComponentChild): void {
  const page = document.getElementById("page")!;
  const say = (text: string) => render(<p class="opening" role="status">{text}</p>, page);
  say(texts.peek().loading);
  void open(() => say(texts.peek().noServer)).then((live) => render(show(live), page));
}
