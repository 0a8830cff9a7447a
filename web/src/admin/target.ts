// What an entry of the audit log is about. Pure.

/** The server's word for a kind of target, and the names and numbers in it. */
export interface Target {
  word: string;
  names: readonly string[];
}

/** Takes apart what the server writes in English; a word without names is itself. */
export function targetOf(target: string): Target {
  const session = /^session (\d+) of (.+)$/s.exec(target);
  if (session) return { word: "session", names: session.slice(1) };
  const one = /^(alert|unit) (.+)$/s.exec(target);
  return one ? { word: one[1]!, names: [one[2]!] } : { word: target, names: [] };
}
