// The outline of an alert: its hull, widened and rounded so that the reports lie
// inside it and a line of them is an area too.

export type Point = [number, number];

const METRES_A_DEGREE = 111_320;
const CORNERS = 16;

/** The rounded outline, `margin_m` metres wider than the hull; closed. */
export function outline(hull: readonly Point[], margin_m: number): Point[] {
  const latitude = hull[0]?.[1] ?? 0;
  const dy = margin_m / METRES_A_DEGREE;
  const dx = dy / Math.cos((latitude * Math.PI) / 180);
  const discs = hull.flatMap(([x, y]) =>
    Array.from({ length: CORNERS }, (_, corner): Point => {
      const angle = (corner / CORNERS) * 2 * Math.PI;
      return [x + dx * Math.cos(angle), y + dy * Math.sin(angle)];
    }),
  );
  const ring = convex(discs);
  return ring.length > 0 ? [...ring, ring[0]!] : [];
}

/** The convex hull, anticlockwise, not closed (Andrew's monotone chain). */
export function convex(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (sorted.length < 3) return sorted;
  const half = (from: readonly Point[]) => {
    const chain: Point[] = [];
    for (const point of from) {
      while (chain.length >= 2 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop();
      chain.push(point);
    }
    chain.pop();
    return chain;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** West, south, east, north of some points. */
export function extent(points: readonly Point[]): [number, number, number, number] {
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
