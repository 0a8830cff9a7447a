// How the wall is laid out: by the screen's shape and by how far its readers stand.

/** The map is laid out at this height and scaled, so that 4K shows what 1080p shows. */
export const LINES = 1080;

/** How far away the readers are, metres: it decides how large texts are, and how much is said. */
export type Distance = 3 | 6 | 10;
export const NEAREST: Distance = 3;

/** `?distance=3|6|10`; 3 if nothing or something else is asked for. */
export function distanceOf(search: string): Distance {
  const asked = Number(new URLSearchParams(search).get("distance"));
  return asked === 6 || asked === 10 ? asked : NEAREST;
}

/** How many pixels the screen has for one of the layout. */
export function scaleOf(width: number, height: number): number {
  return Math.max(0.5, Math.min(width / 1920, height / LINES));
}

/** How many columns of cards there is room for: a screen wider than most shows more, not larger. */
export function columnsOf(width: number, height: number): number {
  const shape = width / height;
  return shape < 2.2 ? 1 : shape < 3 ? 2 : 3;
}

/** A column of cards and the gap beside it, pixels of the layout. */
const COLUMN = 544;

/** By how much the map's names and signs are larger for readers who stand further away. */
const ENLARGED: Record<Distance, number> = { 3: 1, 6: 1.4, 10: 1.8 };

/** How many pixels the screen has for one of the map. */
export function mapScaleOf(scale: number, distance: Distance): number {
  return scale * ENLARGED[distance];
}

/** What the panels cover of the map, pixels of the map. */
export function paddingOf(columns: number, distance: Distance) {
  const left = distance === 10 ? 80 : 430;
  const bottom = distance === 10 ? 270 : 230;
  const panels = { top: 120, bottom, left, right: 606 + (columns - 1) * COLUMN };
  const enlarged = ENLARGED[distance];
  return {
    top: panels.top / enlarged, bottom: panels.bottom / enlarged, left: panels.left / enlarged, right: panels.right / enlarged,
  };
}
