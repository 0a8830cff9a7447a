// Which alerts the list shows, when there is not room for all.

/** The most urgent stay in sight, whatever the map is looking at. */
const PINNED = 2;

/**
 * The order in which cards are laid out; as many as fit are shown. Where the alert that
 * the map looks at would have no room, it and those after it follow the pinned ones.
 */
export function laidOut<T extends { id: number }>(standing: readonly T[], focus: number | null, fit: number): T[] {
  const at = standing.findIndex(({ id }) => id === focus);
  if (at < fit || at < PINNED) return [...standing];
  const rest = standing.slice(PINNED, at);
  return [...standing.slice(0, PINNED), ...standing.slice(at), ...rest];
}
