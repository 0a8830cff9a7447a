// Web-mercator in the unit square, as map libraries use it: x eastwards from the
// antimeridian, y southwards from 85.05° N.

/** Longitude in degrees to 0…1. */
export function mercatorX(lng: number): number {
  return lng / 360 + 0.5;
}

/** Latitude in degrees to 0…1. */
export function mercatorY(lat: number): number {
  const sine = Math.sin((Math.min(Math.max(lat, -85.05113), 85.05113) * Math.PI) / 180);
  return 0.5 - Math.atanh(sine) / (2 * Math.PI);
}
