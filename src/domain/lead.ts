/** The line that batches leave by: what it lets through, and how many wait in it. */
export interface Line {
  /** Requests a second. */
  perSecond: number;
  /** Mails in a request. */
  mails: number;
  /** Batches that are ready and have not left. */
  waiting: number;
}

/** Two ranges or two seconds, whichever is more, must lie ready before composing rests: the line must not run dry. */
const batchesLeast = 20;
const secondsReady = 2;
/** However fast the provider is: what lies ready has been chosen earlier than it need be. */
const batchesMost = 200;
/** What one composer makes a second, where it has a processor for itself, and where it has not. */
const digestsUsual = 1000;
const digestsAtWorst = 500;
/** However fast the provider is: more processes than these are at it nowhere. */
const composersMost = 100;

/** As many batches as are worth counting: with so many in it, the line wants no more. */
export function enoughIn({ perSecond }: Pick<Line, 'perSecond'>): number {
  return Math.min(batchesMost, Math.max(batchesLeast, Math.ceil(perSecond * secondsReady)));
}

/**
 * How many ranges may be composed at once, in all processes together, for one of them that asks. None where enough lies
 * ready; else as many as keep up with the line. When less than half is left it is more, and a process may join in that has
 * not composed lately: it has to read the day's papers first, and would take the time for that from the others.
 */
export function composersFor({ perSecond, mails, waiting }: Line, hasComposedLately: boolean): number {
  const enough = enoughIn({ perSecond });
  const asManyAs = (digests: number) => Math.min(composersMost, Math.ceil((perSecond * mails) / digests));
  if (waiting < enough / 2) return asManyAs(digestsAtWorst);
  return waiting < enough && hasComposedLately ? asManyAs(digestsUsual) : 0;
}
