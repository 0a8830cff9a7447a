// The colours of the map; the panels take theirs from style/base.css, where the
// same severities and parties stand as custom properties.

export type Rgb = readonly [number, number, number];

/** China's emergency grades: 1 blue, 2 yellow, 3 orange, 4 red. */
export const SEVERITY: readonly string[] = ["#5b9df0", "#5b9df0", "#ebcb4b", "#f59342", "#f4585f"];

/**
 * The parties' colours. The first four stay apart from each other (ΔE above 15) and
 * from the severities under every common colour blindness.
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
  water: "#0a131c",
  river: "#0d1a26",
  shore: "#2a3b4c",
  border: "#9db8d2",
  borderGlow: "#5d87ad",
  inner: "#3b4f63",
  innermost: "#2a3947",
  zone: "#6fb3c9",
  pilot: "#7fd0c4",
  event: "#b7a4f5",
  nameHalo: "#0f1821",
  nameWide: "#7d93a8",
  nameCity: "#a3b4c4",
  nameCounty: "#8496a7",
  nameTownship: "#6d7e8e",
  nameSide: "#d3e0ec",
  nameWater: "#4d7898",
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
