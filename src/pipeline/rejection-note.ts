import type { Rejection } from '../domain/paper.ts';

/** Reasons named in a note: the first few say what is wrong with a source. */
const reasonsMax = 3;
const noteCharsMax = 300;

/** What operators read about records of a list that could not be taken; nothing where all could. */
export function rejectionNote(rejected: readonly Rejection[]): { note?: string } {
  if (rejected.length === 0) return {};
  const counts = new Map<string, number>();
  for (const { reason } of rejected) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const ranked = [...counts].toSorted((a, b) => b[1] - a[1]);
  const named = ranked.slice(0, reasonsMax).map(([reason, n]) => (n > 1 ? `${reason} (${n})` : reason));
  const more = ranked.length > reasonsMax ? `; and ${ranked.length - reasonsMax} more` : '';
  const note = `${rejected.length} records rejected: ${named.join('; ')}${more}`;
  return { note: note.length > noteCharsMax ? `${note.slice(0, noteCharsMax - 1)}…` : note };
}
