/**
 * Prepare: rehearses the first range of the hour that comes next, so that this process has the day's papers, their cards,
 * its press and its connections at hand when it strikes. The hour's first mails leave half a second earlier, and the rest
 * need less.
 *
 * It leaves nothing but fragments, which are addressed by content: wherever it is cut off, what it made is found again, and
 * what it did not make is made when it is wanted.
 */
import type { Context } from '../context.ts';
import { openConnections } from '../db/connect.ts';
import { listDueSubscribers, listUpcomingSlots } from '../db/upcoming.ts';
import { batchMembersMax, rangeSubscribersMax } from '../domain/digest.ts';
import type { MailedDigest } from '../press/mailed-digest.ts';
import { type Due, dueOn } from './audience.ts';
import { readEditionPapers } from './card-papers.ts';
import { composeUnstored } from './composition.ts';
import { decideUnplanned } from './decision.ts';
import type { Candidates } from './edition-index.ts';
import { currentShellId } from './shell.ts';

/** What an edition has in use at once: two ranges, four batches, and the queues' own. */
const connectionsUsed = 12;

/** The slots of one moment, and the edition that they belong to. */
export interface Hour extends Due {
  date: string;
}

/** The next hour after a moment; undefined where nobody waits for one. */
export async function nextHour(ctx: Context, after: Date): Promise<Hour | undefined> {
  const slots = await listUpcomingSlots(ctx.db);
  const next = slots.find(({ nextDueAt }) => nextDueAt > after);
  if (!next) return undefined;
  const { nextDueAt, nextLocalDate: date } = next;
  const due = dueOn(slots, date).find(({ at }) => at.getTime() === nextDueAt.getTime())!;
  return { ...due, date };
}

/** Prepares for an hour, from what is known of it by now. */
export async function prepare(
  ctx: Context,
  { at, date, slotIds }: Hour,
  candidates: Candidates,
): Promise<void> {
  const ids = await listDueSubscribers(ctx.db, { slotIds, date, after: 0, limit: rangeSubscribersMax });
  if (ids.length === 0) return;
  const range = { editionDate: date, slotIds, fromId: ids[0]!, toId: ids.at(-1)!, madeAt: at };
  const decided = await decideUnplanned(ctx, range, candidates);
  const members = decided.filter(({ skipped }) => skipped === null);
  const paperIds = members.flatMap(({ chosen }) => chosen.map(({ paperId }) => paperId));
  const papers = await readEditionPapers(ctx, candidates, paperIds);
  await layOut(ctx, await composeUnstored(ctx, members, { localDate: date, candidates, papers }));
  await openConnections(ctx.pool, connectionsUsed);
}

/** What is printed once lies ready in the press. */
async function layOut(ctx: Context, digests: readonly MailedDigest[]): Promise<void> {
  const { keys } = ctx.config;
  const shellId = await currentShellId(ctx);
  let memory: ArrayBuffer | undefined;
  for (let from = 0; from < digests.length; from += batchMembersMax) {
    const some = digests.slice(from, from + batchMembersMax);
    ({ memory } = await ctx.press.print(ctx.fragments, { shellId, keys, digests: some, memory }));
  }
}
