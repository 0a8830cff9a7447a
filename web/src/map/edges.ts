// Alerts beyond the edge of what is seen: an arrow a direction, with their number.

import type { Map, PaddingOptions } from "maplibre-gl";
import type { Point } from "./hull";
import type { Box } from "./room";

/** What lies beyond one edge or corner: how many, and where its arrow stands, pixels. */
export interface Beyond {
  /** Clockwise from north, 0 to 7. */
  direction: number;
  count: number;
  at: Point;
}

const ARROWS = ["↑", "↗", "→", "↘", "↓", "↙", "←", "↖"] as const;
/** From the middle of a box to its edge or corner, in shares of half its sides. */
const WAYS: readonly Point[] = [[0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1]];

/** Counts the points that are not in the box by where they lie, seen from its middle. */
export function beyond(points: readonly Point[], [left, top, right, bottom]: Box): Beyond[] {
  const [x, y] = [(left + right) / 2, (top + bottom) / 2];
  const [wide, high] = [(right - left) / 2, (bottom - top) / 2];
  const counts = new Array<number>(WAYS.length).fill(0);
  for (const [px, py] of points) {
    const [dx, dy] = [(px - x) / wide, (py - y) / high];
    if (Math.abs(dx) <= 1 && Math.abs(dy) <= 1) continue;
    const turn = Math.round(Math.atan2(dx, -dy) / (Math.PI / 4));
    counts[(turn + 8) % 8]!++;
  }
  return counts.flatMap((count, direction) => {
    const [east, south] = WAYS[direction]!;
    return count > 0 ? [{ direction, count, at: [x + east * wide, y + south * high] as Point }] : [];
  });
}

/** The arrows of a map. */
export class Edges {
  private points: readonly (readonly [number, number])[] = [];
  private readonly layer = document.createElement("div");

  constructor(
    private readonly map: Map,
    /** What panels cover. */
    private readonly padding: PaddingOptions,
    /** So far within that an arrow stands, pixels. */
    private readonly inset: Point,
  ) {
    this.layer.className = "edges";
    this.layer.setAttribute("aria-hidden", "true");
    map.getContainer().append(this.layer);
    map.on("movestart", () => this.layer.replaceChildren());
    map.on("moveend", () => this.draw());
  }

  /** Where the alerts are, degrees. */
  show(points: readonly (readonly [number, number])[]): void {
    this.points = points;
    this.draw();
  }

  remove(): void {
    this.layer.remove();
  }

  private draw(): void {
    const { map } = this;
    if (map.isMoving()) return;
    const { clientWidth, clientHeight } = map.getContainer();
    const { top = 0, left = 0, right = 0, bottom = 0 } = this.padding;
    const box: Box = [left, top, clientWidth - right, clientHeight - bottom];
    const pixels = this.points.map((point): Point => {
      const { x, y } = map.project([point[0], point[1]]);
      return [x, y];
    });
    this.layer.replaceChildren(...beyond(pixels, box).map(({ direction, count, at: [x, y] }) => {
      const arrow = document.createElement("span");
      const [east, south] = WAYS[direction]!;
      arrow.style.left = `${x - east * this.inset[0]}px`;
      arrow.style.top = `${y - south * this.inset[1]}px`;
      arrow.textContent = `${ARROWS[direction]} ${count}`;
      return arrow;
    }));
  }
}
