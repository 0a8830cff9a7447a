// Whether two convex areas have a point in common. Pure.

/** Longitude and latitude, degrees. */
type Point = readonly [number, number];

/** What lies no further apart touches: coordinates are rounded to a centimetre, metres. */
const TOUCH_M = 0.1;
const DEGREE_M = 111_320;

/** An area's corners in metres on the plane that touches the earth at `at`. */
function metres(area: readonly Point[], at: Point): Point[] {
  const narrow = Math.cos((at[1] * Math.PI) / 180);
  return area.map(([x, y]) => [(x - at[0]) * DEGREE_M * narrow, (y - at[1]) * DEGREE_M]);
}

/** Directions across the edges of an area; of a single point there are none. */
function across(area: readonly Point[]): Point[] {
  if (area.length < 2) return [];
  return area.flatMap((a, at): Point[] => {
    const b = area[(at + 1) % area.length]!;
    const [x, y] = [b[0] - a[0], b[1] - a[1]];
    const long = Math.hypot(x, y);
    if (long === 0) return [];
    // A line has an inside along itself too.
    return area.length === 2 ? [[y / long, -x / long], [x / long, y / long]] : [[y / long, -x / long]];
  });
}

function spread(area: readonly Point[], [x, y]: Point): [number, number] {
  const along = area.map((point) => point[0] * x + point[1] * y);
  return [Math.min(...along), Math.max(...along)];
}

/**
 * Whether two convex areas overlap or touch, each by its corners in order; one or two
 * corners are a point or a line. By the separating axis theorem, for areas of a few
 * kilometres.
 */
export function overlap(a: readonly Point[], b: readonly Point[]): boolean {
  const [at] = a;
  if (!at || b.length === 0) return false;
  const [here, there] = [metres(a, at), metres(b, at)];
  const axes: Point[] = [...across(here), ...across(there), [1, 0], [0, 1]];
  return axes.every((axis) => {
    const [one, other] = [spread(here, axis), spread(there, axis)];
    return one[0] <= other[1] + TOUCH_M && other[0] <= one[1] + TOUCH_M;
  });
}
