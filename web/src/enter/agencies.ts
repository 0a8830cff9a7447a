// The agencies to choose from, by name: each jurisdiction with those directly below it.

import type { JurisdictionView } from "../contract/openapi";
import { nameOf, type Language } from "../core/region";

/** Choices under one heading. */
export interface Group {
  label: string;
  options: { value: string; name: string }[];
}

/** Every jurisdiction once, in the order of their codes. */
export function agencyGroups(all: readonly JurisdictionView[], language: Language): Group[] {
  const sorted = [...all].sort((a, b) => a.code.localeCompare(b.code));
  const codes = new Set(sorted.map(({ code }) => code));
  const below = (code: string) => sorted.filter(({ parent }) => parent === code);
  // Two may have one name, as a municipality and its city.
  const option = (one: JurisdictionView) => ({ value: one.code, name: `${one.code} ${nameOf(one, language)}` });
  const groups = (one: JurisdictionView, above: readonly string[]): Group[] => {
    const path = [...above, nameOf(one, language, one.code)];
    const children = below(one.code);
    const parents = children.filter(({ code }) => below(code).length > 0);
    const own = { label: path.join(" · "), options: [one, ...children.filter((child) => !parents.includes(child))].map(option) };
    return [own, ...parents.flatMap((child) => groups(child, path))];
  };
  return sorted.filter(({ parent }) => !codes.has(parent ?? "")).flatMap((one) => groups(one, []));
}
