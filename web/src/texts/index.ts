// The language of the page: Chinese unless told otherwise, by `?lang=en` or the switch.

import { computed, effect, signal } from "@preact/signals";
import type { Language } from "../core/region";
import { en } from "./en";
import { zh, type Texts } from "./zh";

export type { Texts } from "./zh";

const KEY = "pilin.language";

function first(): Language {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "en" || asked === "zh") return asked;
  try {
    return localStorage.getItem(KEY) === "en" ? "en" : "zh";
  } catch {
    return "zh"; // storage may be forbidden
  }
}

/** The language in use. */
export const language = signal<Language>(first());

/** Its texts. */
export const texts = computed<Texts>(() => (language.value === "en" ? en : zh));

/** Changes to the other language and remembers it. */
export function switchLanguage(): void {
  language.value = language.value === "en" ? "zh" : "en";
  try {
    localStorage.setItem(KEY, language.value);
  } catch {
    // Then it holds until the page is loaded again.
  }
}

effect(() => {
  document.documentElement.lang = language.value === "en" ? "en" : "zh-CN";
});

/**
 * Something from outside, to be put into a sentence: whatever its script, it turns no
 * other word round. What `<bdi>` is for elements.
 */
export function isolated(foreign: string): string {
  return `\u2068${foreign}\u2069`;
}

/** `1,284`. */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}
