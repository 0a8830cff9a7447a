// How long a bar stands for a round distance on the map. Pure.

const EARTH_M = 40_075_016.686;
/** At zoom 0 the world is so wide, pixels. */
const WORLD_PX = 512;
/** The leading digits of round distances. */
const ROUND = [5, 2, 1];

/** Metres that a pixel stands for at a latitude, degrees, and a zoom. */
export function metresPerPixel(lat: number, zoom: number): number {
  return (EARTH_M * Math.cos((lat * Math.PI) / 180)) / (WORLD_PX * 2 ** zoom);
}

/** The longest round distance, metres, whose bar is at most `most` pixels long, and that bar. */
export function scaleBar(metres_px: number, most: number): { metres: number; pixels: number } {
  const room = metres_px * most;
  const power = 10 ** Math.floor(Math.log10(room));
  const metres = power * (ROUND.find((digit) => digit * power <= room) ?? 1);
  return { metres, pixels: metres / metres_px };
}
