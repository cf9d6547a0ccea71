/**
 * What readers do about their subscription: join, confirm, change, leave. Each is one transaction; a crash half-way leaves
 * nothing of it, and the notice it may cause is a row, so it is delivered even when the nudge is lost.
 */
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { joinSlot } from '../db/slots.ts';
import {
  findByAddress,
  findById,
  readFollows,
  replaceFollows,
  type SubscriberRow,
} from '../db/subscribers.ts';
import { findSuppressed } from '../db/suppressions.ts';
import { ensureTopics } from '../db/topics.ts';
import { addressHash, maskAddress, normaliseAddress } from '../domain/address.ts';
import { nextOccurrence, type Slot, utcDate } from '../domain/cadence.ts';
import { checkChoices, type Choices, namesOfTopics } from '../domain/choices.ts';
import type { TokenClaims } from '../domain/tokens.ts';
import { shown } from '../domain/shown.ts';
import { sendNotice } from './notice.ts';
import { enterSlot, nextDigest } from './schedule.ts';

export interface Preferences {
  subscriberId: number;
  address: string;
  maskedAddress: string;
  status: SubscriberRow['status'];
  timeZone: string;
  sendHour: number;
  weekdays: number;
  maxPapers: number;
  topics: { slug: string | null; name: string; definition: string }[];
  nextDueAt: Date | undefined;
  nextLocalDate: string | undefined;
  snoozedUntil: string | null;
}

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
  await sendNotice(ctx, { subscriberId, kind: 'confirm', cause: asked, address });
}

/** Makes the subscriber of a confirmation token active. Repeating it changes nothing. */
export async function confirm(ctx: Context, claims: TokenClaims): Promise<'confirmed' | 'already' | 'gone'> {
  const subscriber = await findClaimed(ctx, claims);
  if (!subscriber?.address) return 'gone';
  if (subscriber.status === 'active') return 'already';
  const topicIds = await ensureTopics(ctx.db, subscriber.wantedTopics);
  const confirmed = await ctx.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('subscribers')
      .set({ status: 'active', confirmed_at: sql`now()`, unsubscribed_at: null, wanted_topics: [] })
      .where('id', '=', subscriber.id)
      .where('status', 'in', ['unconfirmed', 'unsubscribed'])
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    if (subscriber.wantedTopics.length > 0) {
      await replaceFollows(trx, subscriber.id, [...new Set(topicIds.values())]);
    }
    await enterSlot(ctx, trx, subscriber.id, subscriber);
    return true;
  });
  if (!confirmed) return 'already';
  await sendNotice(ctx, {
    subscriberId: subscriber.id,
    kind: 'welcome',
    cause: `confirmed ${utcDate(new Date())}`,
    address: subscriber.address,
  });
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

/** Undoes an unsubscription by the reader's own link. False when there is nothing to undo. */
export async function resubscribe(ctx: Context, claims: TokenClaims): Promise<boolean> {
  const subscriber = await findClaimed(ctx, claims);
  if (subscriber?.status !== 'unsubscribed' || !subscriber.confirmedAt) return false;
  return ctx.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('subscribers')
      .set({ status: 'active', unsubscribed_at: null })
      .where('id', '=', subscriber.id)
      .where('status', '=', 'unsubscribed')
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await enterSlot(ctx, trx, subscriber.id, subscriber);
    return true;
  });
}

/** What the preferences page shows; undefined for links that are no longer good. */
export async function readPreferences(ctx: Context, claims: TokenClaims): Promise<Preferences | undefined> {
  const subscriber = await findClaimed(ctx, claims);
  return subscriber?.address ? toPreferences(ctx, subscriber, subscriber.address) : undefined;
}

/** Saves what a reader chose, all or nothing. A change of zone, hour or days keeps RULES 5. */
export async function savePreferences(
  ctx: Context,
  claims: TokenClaims,
  choices: Choices,
): Promise<{ saved: Preferences } | { faults: string[] }> {
  const faults = checkChoices(choices);
  const subscriber = await findClaimed(ctx, claims);
  if (!subscriber?.address) return { faults: ['This link is no longer good; ask for a fresh one.'] };
  if (faults.length > 0) return { faults };
  const topicIds = await ensureTopics(ctx.db, choices.topics);
  const lost = choices.topics.filter((topic) => !topicIds.has(topic));
  if (lost.length > 0)
    return { faults: lost.map((topic) => `The topic "${shown(topic)}" matches nothing we can look for.`) };
  await ctx.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('subscribers')
      .set({ max_papers: choices.maxPapers })
      .where('id', '=', subscriber.id)
      .where('status', '<>', 'erased')
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await replaceFollows(trx, subscriber.id, [...new Set(topicIds.values())]);
    if (!isSameSlot(subscriber, choices)) await enterSlot(ctx, trx, subscriber.id, choices);
  });
  const saved = await readPreferences(ctx, claims);
  return saved ? { saved } : { faults: ['This subscription was just erased.'] };
}

/** Remembers "more like this" or "less" about a paper, or takes it back. False when there is no such paper. */
export async function saveTaste(
  ctx: Context,
  claims: TokenClaims,
  paperKey: string,
  says: 'more' | 'less' | 'none',
): Promise<boolean> {
  const subscriber = await findClaimed(ctx, claims);
  const paper = await ctx.db.selectFrom('papers').select('id').where('key', '=', paperKey).executeTakeFirst();
  if (!subscriber || !paper) return false;
  const row = { subscriber_id: subscriber.id, paper_id: paper.id };
  if (says === 'none') {
    await ctx.db
      .deleteFrom('tastes')
      .where('subscriber_id', '=', row.subscriber_id)
      .where('paper_id', '=', row.paper_id)
      .execute();
    return true;
  }
  await ctx.db
    .insertInto('tastes')
    .values({ ...row, says })
    .onConflict((conflict) => conflict.columns(['subscriber_id', 'paper_id']).doUpdateSet({ says }))
    .execute();
  return true;
}

/** The subscriber a token speaks for, as long as their address is the one it was made for. */
async function findClaimed(ctx: Context, claims: TokenClaims): Promise<SubscriberRow | undefined> {
  const subscriber = await findById(ctx.db, claims.subscriberId);
  if (!subscriber || subscriber.status === 'erased') return undefined;
  const isCurrent = claims.purpose === 'unsubscribe' || claims.addressVersion === subscriber.addressVersion;
  return isCurrent ? subscriber : undefined;
}

async function toPreferences(ctx: Context, subscriber: SubscriberRow, address: string): Promise<Preferences> {
  const next = nextDigest(subscriber);
  const topics = await readFollows(ctx.db, subscriber.id);
  const { id, status, timeZone, sendHour, weekdays, maxPapers, snoozedUntil } = subscriber;
  return {
    subscriberId: id,
    address,
    maskedAddress: maskAddress(address),
    status,
    timeZone,
    sendHour,
    weekdays,
    maxPapers,
    topics: topics.map(({ slug, name, definition }) => ({ slug, name, definition })),
    nextDueAt: next?.at,
    nextLocalDate: next?.localDate,
    snoozedUntil,
  };
}

async function insertUnconfirmed(
  ctx: Context,
  address: string,
  request: Choices & { consent: string },
): Promise<number | undefined> {
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
        wanted_topics: namesOfTopics(request.topics),
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
  return ctx.db.transaction().execute(async (trx) => {
    await trx
      .updateTable('subscribers')
      .set({
        wanted_topics: namesOfTopics(request.topics),
        consent: request.consent,
        max_papers: request.maxPapers,
      })
      .where('id', '=', known.id)
      .execute();
    if (!isSameSlot(known, request)) await enterSlot(ctx, trx, known.id, request);
    return known.id;
  });
}

function isSameSlot(a: Slot, b: Slot): boolean {
  return a.timeZone === b.timeZone && a.sendHour === b.sendHour && a.weekdays === b.weekdays;
}
