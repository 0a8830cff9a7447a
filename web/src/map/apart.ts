// Moves signs apart that would cover each other.

/** A sign on the screen: its middle and its size, pixels. */
export interface Sign {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Between two signs, pixels. */
const GAP = 3;
/** So often each pair is looked at; in a crowd some may still touch after that. */
const ROUNDS = 12;

/** By how much to move each sign, pixels; a sign that covers none stays where it is. */
export function apart(signs: readonly Sign[]): [number, number][] {
  const moved = signs.map((sign) => ({ ...sign }));
  for (let round = 0; round < ROUNDS; round++) {
    let crowded = false;
    for (const [at, a] of moved.entries()) {
      for (const b of moved.slice(at + 1)) {
        const across = (a.width + b.width) / 2 + GAP - Math.abs(b.x - a.x);
        const down = (a.height + b.height) / 2 + GAP - Math.abs(b.y - a.y);
        if (across <= 0.5 || down <= 0.5) continue;
        crowded = true;
        // The shorter way; signs in one place go to the left and the right.
        const axis = across <= down || (a.x === b.x && a.y === b.y) ? "x" : "y";
        const half = ((axis === "x" ? across : down) / 2) * (b[axis] < a[axis] ? -1 : 1);
        a[axis] -= half;
        b[axis] += half;
      }
    }
    if (!crowded) break;
  }
  return moved.map((sign, at) => [sign.x - signs[at]!.x, sign.y - signs[at]!.y]);
}
