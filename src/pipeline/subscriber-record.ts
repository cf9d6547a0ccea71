/** What we hold of one subscriber: shown and exported. It only reads, so it may be cut off anywhere. */
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { findByAddress, readFollows, type SubscriberRow } from '../db/subscribers.ts';
import { readSuppression } from '../db/suppressions.ts';
import { addressHash, normaliseAddress } from '../domain/address.ts';
import { formatWeekdays } from '../domain/weekdays.ts';
import { nextDigest } from './schedule.ts';
import { readTimeline, type TimelineEvent } from './subscriber-timeline.ts';

export interface SubscriberRecord {
  email: string;
  status: 'unconfirmed' | 'active' | 'snoozed' | 'unsubscribed' | 'erased';
  time_zone: string | null;
  send_hour: number | null;
  weekdays: string | null;
  max_papers: number | null;
  topics: string[];
  next_due_at: string | null;
  suppressed: boolean;
  timeline: TimelineEvent[];
}

/** The record of an address; undefined when nothing is known of it. Of an erased one, only that is known. */
export async function showSubscriber(ctx: Context, given: string): Promise<SubscriberRecord | undefined> {
  const address = normaliseAddress(given);
  if (!address) return undefined;
  const suppression = await readSuppression(ctx.db, addressHash(ctx.config.suppressionKey, address));
  const subscriber = await findByAddress(ctx.db, address);
  const suppressedEvent = suppression && {
    at: suppression.created_at.toISOString(),
    event: suppression.reason === 'erased' ? 'erased' : 'suppressed',
    reason: suppression.reason,
    origin: suppression.origin,
  };
  if (!subscriber) return suppressedEvent && bare(given, suppressedEvent);
  const follows = await readFollows(ctx.db, subscriber.id);
  const timeline = await readTimeline(ctx, subscriber, suppression?.created_at);
  if (suppressedEvent) timeline.push(suppressedEvent);
  return {
    email: address,
    status: statusOf(subscriber, ctx.now()),
    time_zone: subscriber.timeZone,
    send_hour: subscriber.sendHour,
    weekdays: formatWeekdays(subscriber.weekdays),
    max_papers: subscriber.maxPapers,
    topics: follows.filter(({ mode }) => mode !== 'mute').map(({ slug, name }) => slug ?? name),
    next_due_at: (suppression ? undefined : nextDigest(subscriber))?.at.toISOString() ?? null,
    suppressed: suppression !== undefined,
    timeline: timeline.toSorted((a, b) => a.at.localeCompare(b.at)),
  };
}

/** Everything held of an address, as one object. */
export async function exportSubscriber(
  ctx: Context,
  given: string,
): Promise<Record<string, unknown> | undefined> {
  const record = await showSubscriber(ctx, given);
  const subscriber = record && (await findByAddress(ctx.db, record.email));
  if (!record || !subscriber) return record && { ...record };
  const { rows: digests } = await sql`
    select local_date date, skipped, delivered_at, bounced_at, bounce_class, bounce_detail, complained_at, failed_at, address,
      (select coalesce(json_agg(p.key order by o.place), '[]') from unnest(paper_ids) with ordinality o(id, place)
        join papers p on p.id = o.id) papers
    from digests where subscriber_id = ${subscriber.id} order by local_date`.execute(ctx.db);
  const { rows: notices } = await sql`
    select kind, cause, address, state, created_at, settled_at, delivered_at, bounced_at, complained_at,
      local_date date, (select coalesce(json_agg(p.key order by o.place), '[]')
        from unnest(paper_ids) with ordinality o(id, place) join papers p on p.id = o.id) papers
    from notices where subscriber_id = ${subscriber.id} order by id`.execute(ctx.db);
  const { rows: tastes } = await sql`
    select p.key paper, t.says, t.created_at at from tastes t join papers p on p.id = t.paper_id
    where t.subscriber_id = ${subscriber.id} order by t.created_at`.execute(ctx.db);
  const { rows: events } = await sql`
    select type, received_at at, body from webhook_events
    where position(${record.email} in lower(body)) > 0 order by received_at`.execute(ctx.db);
  const follows = await readFollows(ctx.db, subscriber.id);
  const { consent } = await ctx.db
    .selectFrom('subscribers')
    .select('consent')
    .where('id', '=', subscriber.id)
    .executeTakeFirstOrThrow();
  const { createdAt, confirmedAt, unsubscribedAt, snoozedUntil, wantedTopics } = subscriber;
  return {
    ...record,
    created_at: createdAt,
    confirmed_at: confirmedAt,
    unsubscribed_at: unsubscribedAt,
    snoozed_until: snoozedUntil,
    wanted_topics: wantedTopics,
    more: follows.filter(({ mode }) => mode === 'more').map(({ slug, name }) => slug ?? name),
    muted: follows.filter(({ mode }) => mode === 'mute').map(({ slug, name }) => slug ?? name),
    layout: subscriber.layout,
    text_only: subscriber.isTextOnly,
    empty_days: subscriber.emptyDays,
    wanted_papers: subscriber.wantedPapers,
    pending_address: subscriber.pendingAddress,
    consent,
    digests,
    notices,
    tastes,
    webhook_events: events,
  };
}

function statusOf(subscriber: SubscriberRow, now: Date): SubscriberRecord['status'] {
  const isSnoozed =
    subscriber.status === 'active' &&
    subscriber.snoozedUntil !== null &&
    subscriber.snoozedUntil > now.toISOString().slice(0, 10);
  return isSnoozed ? 'snoozed' : subscriber.status;
}

function bare(email: string, event: TimelineEvent): SubscriberRecord {
  return {
    email,
    status: event.event === 'erased' ? 'erased' : 'unsubscribed',
    time_zone: null,
    send_hour: null,
    weekdays: null,
    max_papers: null,
    topics: [],
    next_due_at: null,
    suppressed: true,
    timeline: [event],
  };
}
