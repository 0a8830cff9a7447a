// What a browser remembers of the desk; storage may be forbidden or full.

type Name = "officer" | "letters" | "opened" | "key";

/** What was remembered; `null` if nothing. */
export function recall(name: Name): string | null {
  try {
    return localStorage.getItem(`pilin.${name}`);
  } catch {
    return null;
  }
}

/** Remembers something until the next visit, or, where that is forbidden, until the page is loaded again. */
export function remember(name: Name, value: string): void {
  try {
    localStorage.setItem(`pilin.${name}`, value);
  } catch {
    // Then it holds until the page is loaded again.
  }
}
