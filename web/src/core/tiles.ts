// Which channels of units a view of the map needs.

import { mercatorX, mercatorY } from "./mercator";

/** West, south, east, north in degrees. */
export type Bounds = readonly [number, number, number, number];

/** The zooms at which the server offers tiles of units. */
const COARSEST = 4;
const FINEST = 12;

/** At most so many tiles a view; a coarser zoom is taken until they fit. */
const MOST = 30;

/**
 * How often a view needs news: a patrol car at 15 m/s crosses a pixel in a
 * minute when a province fills the screen, and in a tenth of a second in a street.
 */
export function rateAt(zoom: number): "200ms" | "1s" | "5s" {
  if (zoom >= 14) return "200ms";
  return zoom >= 9 ? "1s" : "5s";
}

/** The names of the channels that cover a view. */
export function unitChannels(bounds: Bounds, zoom: number): string[] {
  const [west, south, east, north] = bounds;
  const rate = rateAt(zoom);
  for (let z = Math.min(Math.max(Math.floor(zoom), COARSEST), FINEST); ; z--) {
    const side = 2 ** z;
    const cell = (at: number) => Math.min(Math.max(Math.floor(at * side), 0), side - 1);
    const [left, right] = [cell(mercatorX(west)), cell(mercatorX(east))];
    const [top, bottom] = [cell(mercatorY(north)), cell(mercatorY(south))];
    if ((right - left + 1) * (bottom - top + 1) > MOST && z > COARSEST) continue;
    const channels: string[] = [];
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) channels.push(`units:${z}/${x}/${y}@${rate}`);
    }
    return channels;
  }
}
