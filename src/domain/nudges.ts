/** What a job of `deliver` says: a batch, and others that go with it. */
export interface BatchNudge {
  batchId: number;
  others?: number[];
}

/** A job costs the queues in Postgres nearly as much as all that a batch does there. */
const togetherMax = 5;
/** A notice, which goes first, waits until one of three jobs at hand is done; the line lets each of them out in so long. */
const jobSeconds = 0.25;

/** Nudges for batches of one range: several in one job where that is over in a moment, one by one in a slow line. */
export function nudgesFor(batchIds: readonly number[], perSecond: number): BatchNudge[] {
  const together = Math.max(1, Math.min(togetherMax, Math.floor(perSecond * jobSeconds)));
  const nudges: BatchNudge[] = [];
  for (let at = 0; at < batchIds.length; at += together) {
    const others = batchIds.slice(at + 1, at + together);
    nudges.push({ batchId: batchIds[at]!, ...(others.length > 0 && { others }) });
  }
  return nudges;
}
