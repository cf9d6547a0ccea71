/**
 * What readers do about their subscription: join, confirm, leave, come back. Each is one transaction; a crash half-way
 * leaves nothing of it, and the notice it may cause is a row, so it is delivered even when the nudge is lost.
 */
import { sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { noteLifted, noteReturned } from '../db/lifts.ts';
import { countNoticesSince, insertNotice } from '../db/notices.ts';
import { recordReturn } from '../db/returns.ts';
import type { Database } from '../db/schema.ts';
import { joinSlot } from '../db/slots.ts';
import { findByAddress, replaceFollows, type SubscriberRow } from '../db/subscribers.ts';
import { findSuppressed, liftComplaint, readSuppression } from '../db/suppressions.ts';
import { ensureTopics, openTopicReader } from '../db/topics.ts';
import { addressHash, normaliseAddress } from '../domain/address.ts';
import { nextOccurrence, utcDate } from '../domain/cadence.ts';
import { type Choices, namesOfTopics } from '../domain/choices.ts';
import type { TokenClaims } from '../domain/tokens.ts';
import { findClaimed, isExpired } from './claimed.ts';
import { chooseFirstDigest } from './first-digest.ts';
import { sendNotice } from './notice.ts';
import { canReturn } from './return.ts';
import { enterSlot, isSameSlot } from './schedule.ts';
import { wantedIn } from './wanted-papers.ts';

/** A confirmation's link opens for this long. */
export const confirmDaysMax = 7;
/** Confirmations that an address which does not answer gets in a month, one a day. */
export const confirmationsMax = 2;
const confirmationsWindowDays = 30;

/**
 * Asks for a subscription. The caller says the same whatever comes of it: a new address gets a confirmation, one that is
 * subscribed gets its link, a suppressed one gets nothing. Choices must have been checked.
 */
export async function subscribe(
  ctx: Context,
  request: Choices & { address: string; consent: string },
): Promise<void> {
  const address = normaliseAddress(request.address);
  if (!address) return;
  const hash = addressHash(ctx.config.suppressionKey, address);
  if ((await findSuppressed(ctx.db, [hash])).size > 0) return;
  const known = await findByAddress(ctx.db, address);
  // Once a day, and once more for each time they have left since.
  const asked = `asked ${utcDate(new Date())}${known?.unsubscribedAt ? `, left ${known.unsubscribedAt.toISOString()}` : ''}`;
  if (known?.status === 'active') {
    await sendNotice(ctx, { subscriberId: known.id, kind: 'link', cause: asked, address });
    return;
  }
  const subscriberId = known
    ? await askAgain(ctx, known, request)
    : await insertUnconfirmed(ctx, address, request);
  if (subscriberId === undefined) return;
  const sent = await countNoticesSince(ctx.db, {
    subscriberId,
    kind: 'confirm',
    since: known?.unsubscribedAt ?? null,
    days: confirmationsWindowDays,
  });
  if (sent >= confirmationsMax) return;
  await sendNotice(ctx, { subscriberId, kind: 'confirm', cause: asked, address });
}

/**
 * Makes the subscriber of a confirmation token active; the welcome that goes out brings their first digest. Repeating
 * it changes nothing. It is the reader's own word, so it also undoes their complaint (RULES 17).
 */
export async function confirm(ctx: Context, claims: TokenClaims): Promise<'confirmed' | 'already' | 'gone'> {
  const subscriber = await findClaimed(ctx, claims);
  if (!subscriber?.address || isExpired(claims, confirmDaysMax)) return 'gone';
  if (subscriber.status === 'active') return 'already';
  const { id, address } = subscriber;
  const topicIds = await ensureTopics(ctx.db, subscriber.wantedTopics);
  const noticeId = await ctx.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('subscribers')
      .set({
        status: 'active',
        confirmed_at: sql`now()`,
        unsubscribed_at: null,
        wanted_topics: [],
        ...(subscriber.wantedTopics.length > 0 && {
          wanted_papers: wantedIn(subscriber.wantedTopics, topicIds),
        }),
        consent: sql`concat_ws('; ', consent, ${`confirmed by its button, ${new Date().toISOString()}`}::text)`,
      })
      .where('id', '=', id)
      .where('status', 'in', ['unconfirmed', 'unsubscribed'])
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return undefined;
    if (subscriber.wantedTopics.length > 0) {
      await replaceFollows(trx, id, { topicIds: [...new Set(topicIds.values())] });
    }
    const undidComplaint = await comeBack(ctx, trx, address);
    if (undidComplaint) await recordReturn(trx, { subscriberId: id, leftAt: null, undidComplaint });
    const first = await chooseFirstDigest(ctx, trx, id);
    // Who leaves and comes back on one day is welcome again; the row above is changed once for each time.
    const cause = `confirmed ${new Date().toISOString()}`;
    const welcome = await insertNotice(trx, { subscriberId: id, kind: 'welcome', cause, address, first });
    await enterSlot(ctx, trx, id, subscriber);
    return welcome;
  });
  if (noticeId === undefined) return 'already';
  await ctx.queues.add('deliver', { noticeId });
  return 'confirmed';
}

/** Ends a subscription, at once and however often it is asked. Says the same for anyone it doesn't know. */
export async function unsubscribe(ctx: Context, subscriberId: number): Promise<void> {
  await ctx.db
    .updateTable('subscribers')
    .set({ status: 'unsubscribed', unsubscribed_at: sql`now()` })
    .where('id', '=', subscriberId)
    .where('status', 'in', ['active', 'unconfirmed'])
    .execute();
}

/**
 * Undoes an unsubscription, or a complaint, by the reader's own link: whoever has it got it by mail, which is proof
 * enough. False when there is nothing to undo, or when it is too late.
 */
export async function resubscribe(ctx: Context, claims: TokenClaims): Promise<boolean> {
  const subscriber = await findClaimed(ctx, claims);
  if (!subscriber?.address || !subscriber.confirmedAt) return false;
  const hash = addressHash(ctx.config.suppressionKey, subscriber.address);
  const hasComplained = (await readSuppression(ctx.db, hash))?.reason === 'complaint';
  if (!hasComplained && !canReturn(subscriber)) return false;
  return ctx.db.transaction().execute(async (trx) => {
    const undidComplaint = await comeBack(ctx, trx, subscriber.address!);
    const hadLeft = subscriber.status !== 'active';
    if (hadLeft && !(await reactivate(ctx, trx, subscriber))) return false;
    const leftAt = hadLeft ? subscriber.unsubscribedAt : null;
    if (hadLeft || undidComplaint)
      await recordReturn(trx, { subscriberId: subscriber.id, leftAt, undidComplaint });
    return true;
  });
}

/** False where somebody else was quicker. */
async function reactivate(
  ctx: Context,
  trx: Transaction<Database>,
  subscriber: SubscriberRow,
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('subscribers')
    .set({ status: 'active', unsubscribed_at: null })
    .where('id', '=', subscriber.id)
    .where('status', '=', 'unsubscribed')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await enterSlot(ctx, trx, subscriber.id, subscriber);
  return true;
}

/** The reader's own word undoes their complaint, here first and then at the provider (RULES 17). True where there was one. */
async function comeBack(ctx: Context, trx: Transaction<Database>, address: string): Promise<boolean> {
  const hasComplained = await liftComplaint(trx, addressHash(ctx.config.suppressionKey, address));
  if (hasComplained) await noteLifted(trx, [address], ctx.transport.identity);
  else await noteReturned(trx, address);
  return hasComplained;
}

async function insertUnconfirmed(
  ctx: Context,
  address: string,
  request: Choices & { consent: string },
): Promise<number | undefined> {
  const wantedTopics = await namesFor(ctx, request.topics);
  return ctx.db.transaction().execute(async (trx) => {
    const slot = { timeZone: request.timeZone, sendHour: request.sendHour, weekdays: request.weekdays };
    const { slotId, notBefore } = await joinSlot(trx, slot, nextOccurrence(slot, ctx.now()));
    const row = await trx
      .insertInto('subscribers')
      .values({
        address,
        status: 'unconfirmed',
        slot_id: slotId,
        not_before: notBefore,
        max_papers: request.maxPapers,
        wanted_topics: wantedTopics,
        consent: request.consent,
      })
      .onConflict((conflict) => conflict.column('address').doNothing())
      .returning('id')
      .executeTakeFirst();
    return row?.id;
  });
}

/** Someone who left, or never confirmed, asks again: what they want now replaces what they wanted, once they confirm. */
async function askAgain(
  ctx: Context,
  known: SubscriberRow,
  request: Choices & { consent: string },
): Promise<number> {
  const wantedTopics = await namesFor(ctx, request.topics);
  return ctx.db.transaction().execute(async (trx) => {
    await trx
      .updateTable('subscribers')
      .set({
        wanted_topics: wantedTopics,
        consent: request.consent,
        max_papers: request.maxPapers,
      })
      .where('id', '=', known.id)
      .execute();
    if (!isSameSlot(known, request)) await enterSlot(ctx, trx, known.id, request);
    return known.id;
  });
}

/** What is wanted, by name, kept until it is confirmed: only then does it become topics. */
async function namesFor(ctx: Context, topics: readonly string[]): Promise<string[]> {
  return namesOfTopics(topics, await openTopicReader(ctx.db));
}
