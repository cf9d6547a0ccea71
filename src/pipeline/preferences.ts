/** What a reader chose: read, and changed in one transaction, so that a crash half-way leaves all of it or nothing. */
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { SuppressionReason } from '../db/tables/outcomes.ts';
import { readFollows, replaceFollows, type SubscriberRow } from '../db/subscribers.ts';
import { readSuppression } from '../db/suppressions.ts';
import { ensureTopics } from '../db/topics.ts';
import { addressHash, maskAddress } from '../domain/address.ts';
import { checkChoices, type Choices, type EmptyDays, type Layout } from '../domain/choices.ts';
import { shown } from '../domain/shown.ts';
import type { TokenClaims } from '../domain/tokens.ts';
import { findClaimed } from './claimed.ts';
import { canReturn } from './return.ts';
import { enterSlot, isSameSlot, nextDigest } from './schedule.ts';
import { wantedIn } from './wanted-papers.ts';

export interface FollowedTopic {
  slug: string | null;
  name: string;
  definition: string;
}

export interface Preferences {
  subscriberId: number;
  address: string;
  maskedAddress: string;
  status: SubscriberRow['status'];
  timeZone: string;
  sendHour: number;
  weekdays: number;
  maxPapers: number;
  /** What they follow; `isMore` where it counts for more. */
  topics: (FollowedTopic & { isMore: boolean })[];
  muted: FollowedTopic[];
  layout: Layout;
  isTextOnly: boolean;
  emptyDays: EmptyDays;
  /** Keys of papers that they named and that are still to be fetched. */
  wantedPapers: string[];
  nextDueAt: Date | undefined;
  nextLocalDate: string | undefined;
  snoozedUntil: string | null;
  /** Why no mail goes to this address, whatever is chosen. */
  suppressed: SuppressionReason | undefined;
  /** Whether they left and may still undo it. */
  canReturn: boolean;
  addressVersion: number;
  feedVersion: number;
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
  const texts = [...choices.topics, ...(choices.muted ?? [])];
  const topicIds = await ensureTopics(ctx.db, texts);
  const wanted = wantedIn(choices.topics, topicIds);
  const isWanted = (topic: string) =>
    choices.topics.includes(topic) && wantedIn([topic], topicIds).length > 0;
  const lost = texts.filter((topic) => !topicIds.has(topic) && !isWanted(topic));
  if (lost.length > 0)
    return { faults: lost.map((topic) => `The topic "${shown(topic)}" matches nothing we can look for.`) };
  const idsOf = (topics: readonly string[] | undefined) =>
    topics && [...new Set(topics.map((topic) => topicIds.get(topic)).filter((id) => id !== undefined))];
  await ctx.db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('subscribers')
      .set({
        max_papers: choices.maxPapers,
        wanted_papers: wanted,
        ...(choices.layout && { layout: choices.layout }),
        ...(choices.isTextOnly !== undefined && { text_only: choices.isTextOnly }),
        ...(choices.emptyDays && { empty_days: choices.emptyDays }),
        ...(choices.snoozedUntil !== undefined && { snoozed_until: choices.snoozedUntil }),
      })
      .where('id', '=', subscriber.id)
      .where('status', '<>', 'erased')
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    const muted = idsOf(choices.muted);
    const follows = idsOf(choices.topics)!.filter((id) => !muted?.includes(id));
    await replaceFollows(trx, subscriber.id, { topicIds: follows, more: idsOf(choices.more), muted });
    if (!isSameSlot(subscriber, choices)) await enterSlot(ctx, trx, subscriber.id, choices);
  });
  const saved = await readPreferences(ctx, claims);
  return saved ? { saved } : { faults: ['This subscription was just erased.'] };
}

/** Ends every feed link there was, and gives the version that new ones carry. */
export async function endFeeds(ctx: Context, claims: TokenClaims): Promise<boolean> {
  const subscriber = await findClaimed(ctx, claims);
  if (!subscriber) return false;
  // The token holds three characters of it: it begins anew long after anybody stopped counting.
  await sql`update subscribers set feed_version = feed_version % 32000 + 1 where id = ${subscriber.id}`.execute(
    ctx.db,
  );
  return true;
}

async function toPreferences(ctx: Context, subscriber: SubscriberRow, address: string): Promise<Preferences> {
  const next = nextDigest(subscriber);
  const follows = await readFollows(ctx.db, subscriber.id);
  const suppression = await readSuppression(ctx.db, addressHash(ctx.config.suppressionKey, address));
  const { id, status, timeZone, sendHour, weekdays, maxPapers, snoozedUntil } = subscriber;
  const { layout, isTextOnly, emptyDays } = subscriber;
  return {
    subscriberId: id,
    address,
    maskedAddress: maskAddress(address),
    status,
    timeZone,
    sendHour,
    weekdays,
    maxPapers,
    topics: follows
      .filter(({ mode }) => mode !== 'mute')
      .map(({ slug, name, definition, mode }) => ({ slug, name, definition, isMore: mode === 'more' })),
    muted: follows
      .filter(({ mode }) => mode === 'mute')
      .map(({ slug, name, definition }) => ({ slug, name, definition })),
    layout,
    isTextOnly,
    emptyDays,
    wantedPapers: subscriber.wantedPapers,
    nextDueAt: suppression ? undefined : next?.at,
    nextLocalDate: suppression ? undefined : next?.localDate,
    snoozedUntil,
    suppressed: suppression?.reason,
    canReturn: canReturn(subscriber),
    addressVersion: subscriber.addressVersion,
    feedVersion: subscriber.feedVersion,
  };
}
