/**
 * Announce: takes an announcement that an operator started, leaves a notice for each of its audience, a set at a time.
 *
 * A set of notices and how far the walk has come are one transaction: dies half-way, and nothing of that set happened;
 * the next sweep goes on from there. A notice's cause is the text's hash, so a text reaches nobody twice, whoever starts
 * it again, for whatever audience. Sets follow at a share of the rate (src/domain/announcement.ts, docs/decisions).
 */
import type { Context } from '../context.ts';
import { closeSettledAnnouncements } from '../db/announcement-ledger.ts';
import {
  countAudience,
  findStarted,
  insertSet,
  lockNextWalk,
  readAnnouncementRow,
  readNextReaders,
  readPace,
  startDraft,
  stopWalk,
} from '../db/announcements.ts';
import { readPerSecond } from '../db/gates.ts';
import { type Operator, recordAction } from '../db/operator-actions.ts';
import { findSuppressed } from '../db/suppressions.ts';
import { addressHash } from '../domain/address.ts';
import { announcementAllowance } from '../domain/announcement.ts';
import type { Fault } from '../domain/placeholders.ts';
import { readAnnouncement } from '../render/announcement.ts';
import { capToday } from './daily-cap.ts';
import { isGateOpen } from './hand-over.ts';
import { noticesPerRequest } from './notice.ts';

export type Started =
  /** `isNew` is false when this text had been started for this audience before: nothing new happens. */
  { id: number; isNew: boolean } | { faults: Fault[] };

/** Starts a draft, once: from here on its words and its audience are fixed. The first set follows at once. */
export async function startAnnouncement(
  ctx: Context,
  draft: { id: number; topicId: number | null },
  operator: Operator,
): Promise<Started> {
  const row = await readAnnouncementRow(ctx.db, draft.id);
  if (!row) return { faults: [{ line: undefined, words: 'There is no such announcement.' }] };
  if (row.startedAt) return { id: row.id, isNew: false };
  const before = await findStarted(ctx.db, row.source, draft.topicId);
  if (before !== undefined) return { id: before, isNew: false };
  const { template, faults } = await readAnnouncement(row.source);
  if (!template || faults.length > 0) return { faults };
  if ((await countAudience(ctx.db, draft.topicId)) === 0) {
    return { faults: [{ line: undefined, words: 'Nobody would get it: there is no such reader yet.' }] };
  }
  const isNew = await ctx.db.transaction().execute(async (trx) => {
    const isOurs = await startDraft(trx, draft.id, { topicId: draft.topicId, ...template });
    const subject = `announcement ${draft.id}${draft.topicId === null ? '' : `, topic ${draft.topicId}`}`;
    if (isOurs) await recordAction(trx, { operator, action: 'started an announcement', subject });
    return isOurs;
  });
  await releaseAnnouncements(ctx);
  return { id: draft.id, isNew };
}

/** Makes the next set of notices, if its time has come, and closes what is over. The sweep calls it each minute. */
export async function releaseAnnouncements(ctx: Context): Promise<void> {
  if (await isGateOpen(ctx)) {
    const noticeIds = await releaseSet(ctx);
    // A nudge a request: the others go with it.
    const first = noticeIds.filter((_, place) => place % noticesPerRequest(ctx) === 0);
    await ctx.queues.addMany(
      'deliver',
      first.map((noticeId) => ({ noticeId, patient: true })),
    );
  }
  const closed = await closeSettledAnnouncements(ctx.db);
  if (closed.length > 0) ctx.log.info({ announcements: closed }, 'announcements closed');
}

async function releaseSet(ctx: Context): Promise<number[]> {
  const { db, transport, config } = ctx;
  const cap = (await capToday(ctx))?.cap;
  return db.transaction().execute(async (trx) => {
    const walk = await lockNextWalk(trx);
    if (!walk) return [];
    const perSecond = await readPerSecond(trx, transport.identity, config.ratePerSecond);
    const { sinceMs, ...line } = await readPace(trx, cap !== undefined);
    const limit = announcementAllowance({
      perSecond,
      perRequest: noticesPerRequest(ctx),
      sinceMs: sinceMs ?? undefined,
      cap,
      ...line,
    });
    if (limit === 0) return [];
    const found = await readNextReaders(trx, walk, limit);
    const hashes = found.map(({ address }) => addressHash(config.suppressionKey, address));
    const suppressed = await findSuppressed(trx, hashes);
    const readers = found.map((reader, n) => ({
      ...reader,
      isSuppressed: suppressed.has(hashes[n]!.toString('hex')),
    }));
    const walkedId = found.length < limit ? walk.throughId : found.at(-1)!.id;
    return insertSet(trx, walk, { readers, walkedId });
  });
}

/** Ends an announcement under way: who has no mail yet gets none. False when it was over already. */
export async function stopAnnouncement(ctx: Context, id: number, operator: Operator): Promise<boolean> {
  const isStopped = await ctx.db.transaction().execute(async (trx) => {
    const isOurs = await stopWalk(trx, id);
    if (isOurs)
      await recordAction(trx, { operator, action: 'stopped an announcement', subject: `announcement ${id}` });
    return isOurs;
  });
  if (isStopped) await closeSettledAnnouncements(ctx.db);
  return isStopped;
}
