// An alert's own address, `/desk#alert=27`: it can be sent, and survives a reload.

/** The alert that an address names; `null` if it names none. */
export function alertIn(hash: string): number | null {
  const found = /^#alert=(\d{1,15})$/.exec(hash);
  return found ? Number(found[1]) : null;
}

/** The address of an alert, or of none. */
export function addressOf(alert: number | null): string {
  return alert === null ? location.pathname + location.search : `#alert=${alert}`;
}
