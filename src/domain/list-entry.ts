import type { BounceClass } from './bounce.ts';

/** What we know of an address that the provider's own list names. */
export interface KnownOfEntry {
  isSuppressed: boolean;
  /** It is to come off the provider's list already. */
  isLifted: boolean;
  /** Of the mail that put it there, where that is ours and its bounce was reported. */
  bounceClass: BounceClass | undefined;
  ageMs: number;
}

export type EntryVerdict = 'agreed' | 'lift' | 'later' | 'complaint' | 'hard_bounce' | 'manual';

/** Its own report may still be on the way, and knows better why. */
const youngMs = 3_600_000;

/**
 * What follows from an entry of the provider's list that ours may lack. Ours comes first: what was lifted here is lifted
 * there, and a bounce that was the sender's or the content's doing belongs on no list (RULES 17), though Resend lists
 * every permanent one. What is left the provider knows better: it would not mail the address anyway.
 */
export function judgeEntry(origin: 'bounce' | 'complaint' | 'manual', known: KnownOfEntry): EntryVerdict {
  if (known.isLifted || known.isSuppressed) return 'agreed';
  if (origin === 'bounce' && known.bounceClass && known.bounceClass !== 'hard') return 'lift';
  if (known.ageMs < youngMs) return 'later';
  return origin === 'bounce' ? 'hard_bounce' : origin;
}
