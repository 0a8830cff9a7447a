// The colours of the map; the panels take theirs from style/base.css, where the
// same severities and parties stand as custom properties.

export type Rgb = readonly [number, number, number];

/**
 * China's warning grades: 1 blue, 2 yellow, 3 orange, 4 red. ΔE₀₀ above 10 between any
 * two for every kind of eye (palette.test.ts); their shapes tell them without colour.
 */
export const SEVERITY: readonly string[] = ["#4a95f2", "#4a95f2", "#f6e064", "#f8963a", "#fb4a69"];

/**
 * The parties' colours. How far the first four stay apart, from each other and from the
 * grades, is in palette.test.ts: ΔE₀₀ 18 for the common eye, 7 at the least for one that
 * lacks a kind of cone. So names stand beside them wherever they tell something.
 */
export const PARTIES: readonly string[] = [
  "#efe9dc", "#6fdfe6", "#7fc97f", "#e58bbd", "#b7a4f5", "#c9d36a", "#d9a58a", "#8fb7d6",
];

/** A unit whose agency belongs to no party. */
export const NOBODY = "#8a97a5";

/** The ground. */
export const GROUND = {
  void: "#0a131c",
  land: "#15202b",
  water: "#123550",
  river: "#174364",
  shore: "#44596d",
  border: "#9db8d2",
  borderGlow: "#5d87ad",
  inner: "#55708a",
  innermost: "#3c5166",
  zone: "#6fb3c9",
  pilot: "#7fd0c4",
  event: "#b7a4f5",
  nameHalo: "#0f1821",
  nameWide: "#9aaec1",
  nameCity: "#b0c0cf",
  nameCounty: "#a9bac9",
  nameTownship: "#9cafc0",
  nameSide: "#d3e0ec",
  nameWater: "#94c4e7",
} as const;

/** `#rrggbb` as three shares of one. */
export function rgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

/** A party's colour by its number (core/colours.ts). */
export function partyColour(number: number): string {
  return PARTIES[number] ?? NOBODY;
}
