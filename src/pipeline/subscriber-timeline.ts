/** Everything that is recorded as having happened to one subscriber. It only reads, so it may be cut off anywhere. */
import { type Selectable, sql } from 'kysely';
import type { Context } from '../context.ts';
import { batchOfDigest } from '../db/batch-of-digest.ts';
import { listActions } from '../db/operator-actions.ts';
import { mailIdOfDigest } from '../db/receipts.ts';
import { listReturns } from '../db/returns.ts';
import type { SubscriberRow } from '../db/subscribers.ts';
import type { DigestsTable } from '../db/tables/editions.ts';

export interface TimelineEvent {
  at: string;
  event: string;
  [detail: string]: unknown;
}

/** More than this nobody does to one reader; the newest are told. */
const actionsMax = 500;

/**
 * All that is recorded of a subscriber, in no order. An operator's suppressing since `suppressedAt` is left out: it is
 * the suppression that stands, which says more of itself.
 */
export async function readTimeline(
  ctx: Context,
  subscriber: SubscriberRow,
  suppressedAt: Date | undefined,
): Promise<TimelineEvent[]> {
  const events: TimelineEvent[] = [];
  const add = (at: Date | null, event: string, details: object = {}) => {
    if (at) events.push({ at: at.toISOString(), event, ...details });
  };
  const notices = await readNotices(ctx, subscriber.id);
  add(subscriber.createdAt, 'subscribed');
  for (const at of eachOnce(subscriber.confirmedAt, confirmedBefore(notices))) add(at, 'confirmed');
  const returns = await listReturns(ctx.db, subscriber.id);
  const left = [...leftBefore(notices), ...returns.flatMap(({ leftAt }) => leftAt ?? [])];
  for (const at of eachOnce(subscriber.unsubscribedAt, left)) add(at, 'unsubscribed');
  for (const { at, leftAt, undidComplaint } of returns) {
    if (leftAt) add(at, 'returned');
    if (undidComplaint) add(at, 'complaint undone');
  }
  const actions = await listActions(ctx.db, { subscriberId: subscriber.id, limit: actionsMax });
  for (const { at, action, operator: by, subject: of } of actions.toReversed()) {
    const stands = action === 'suppressed' && suppressedAt !== undefined && at >= suppressedAt;
    if (!stands) add(at, action, { by, ...(of !== null && { of }) });
  }
  for (const notice of notices) {
    add(notice.created_at, 'notice', { kind: notice.kind, state: notice.state });
    add(notice.delivered_at, 'notice delivered', { kind: notice.kind });
    add(notice.bounced_at, 'notice bounced', { kind: notice.kind, class: notice.bounce_class });
    add(notice.complained_at, 'complained', { kind: notice.kind });
  }
  for (const digest of await readDigests(ctx, subscriber.id)) {
    const date = { date: digest.date };
    if (digest.skipped) add(digest.composed_at, 'skipped', { ...date, reason: digest.skipped });
    else add(digest.composed_at, 'composed', { ...date, papers: digest.papers });
    if (digest.dropped)
      add(digest.settled_at ?? digest.frozen_at, 'skipped', { ...date, reason: digest.dropped });
    else if (digest.refused) add(digest.settled_at, 'failed', { ...date, reason: digest.refused });
    else if (digest.settled_at) {
      add(digest.settled_at, digest.state!, { ...date, id: digest.id });
    }
    add(digest.delivered_at, 'delivered', date);
    add(digest.bounced_at, 'bounced', {
      ...date,
      class: digest.bounce_class,
      ...(digest.bounce_detail && { diagnostic: digest.bounce_detail }),
    });
    add(digest.complained_at, 'complained', date);
    add(digest.failed_at, 'failed', date);
  }
  return events;
}

type TimelineNotice = Awaited<ReturnType<typeof readNotices>>[number];

/** The row keeps the last confirmation only, but each had its welcome, in the same transaction. */
function confirmedBefore(notices: readonly TimelineNotice[]): Date[] {
  return notices.filter(({ kind }) => kind === 'welcome').map(({ created_at: at }) => at);
}

/** The row forgets when they left once they are back; what they were asked to confirm says it (`subscribe`), or their return. */
function leftBefore(notices: readonly TimelineNotice[]): Date[] {
  const moments = notices.map(({ cause }) => /, left (\S+)$/.exec(cause)?.[1]);
  return moments.filter((moment) => moment !== undefined).map((moment) => new Date(moment));
}

function eachOnce(last: Date | null, before: readonly Date[]): Date[] {
  const times = new Set([...before, ...(last ? [last] : [])].map((at) => at.getTime()));
  return [...times].map((time) => new Date(time));
}

function readNotices(ctx: Context, subscriberId: number) {
  return ctx.db
    .selectFrom('notices')
    .select([
      'kind',
      'cause',
      'state',
      'created_at',
      'delivered_at',
      'bounced_at',
      'bounce_class',
      'complained_at',
    ])
    .where('subscriber_id', '=', subscriberId)
    .orderBy('id')
    .execute();
}

type Outcomes = Pick<
  Selectable<DigestsTable>,
  'delivered_at' | 'bounced_at' | 'bounce_class' | 'bounce_detail' | 'complained_at' | 'failed_at'
>;

interface TimelineDigest extends Outcomes {
  date: string;
  skipped: string | null;
  papers: number;
  composed_at: Date;
  state: string | null;
  dropped: string | null;
  refused: string | null;
  id: string | null;
  frozen_at: Date | null;
  settled_at: Date | null;
}

async function readDigests(ctx: Context, subscriberId: number): Promise<TimelineDigest[]> {
  const { rows } = await sql<TimelineDigest>`
    select d.local_date date, d.skipped, cardinality(d.paper_ids) papers, coalesce(b.created_at,
        (select max(composed_at) from ranges r where r.edition_date = d.local_date
          and d.subscriber_id between r.from_id and r.to_id), d.local_date) composed_at,
      b.state, b.dropped ->> d.position::text dropped, b.refused ->> d.position::text refused,
      ${mailIdOfDigest} id, b.frozen_at, b.settled_at,
      d.delivered_at, d.bounced_at, d.bounce_class, d.bounce_detail, d.complained_at, d.failed_at
    from digests d left join lateral ${batchOfDigest} b on true
    where d.subscriber_id = ${subscriberId} order by d.local_date`.execute(ctx.db);
  return rows;
}
