import { type Kysely, sql } from 'kysely';
import { mailIdOfDigest } from './receipts.ts';
import type { Database } from './schema.ts';

/** An event that waits, without what it says: that names readers. */
export interface WaitingEvent {
  svixId: string;
  type: string;
  receivedAt: Date;
  nextLookAt: Date;
}

/** Events that are not worked off, the oldest first. */
export async function listWaitingEvents(db: Kysely<Database>, limit: number): Promise<WaitingEvent[]> {
  return db
    .selectFrom('webhook_events')
    .select(['svix_id as svixId', 'type', 'received_at as receivedAt', 'next_look_at as nextLookAt'])
    .where('processed_at', 'is', null)
    .orderBy('received_at')
    .limit(limit)
    .execute();
}

/** What came in the last day: how many of each type, and what came of them. */
export async function countEvents(
  db: Kysely<Database>,
): Promise<{ type: string; result: string; events: number }[]> {
  const { rows } = await sql<{ type: string; result: string; events: number }>`
    select type, coalesce(result, 'waits') result, count(*)::int events from webhook_events
    where received_on >= (now() at time zone 'utc')::date - 1 and received_at > now() - interval '1 day'
    group by 1, 2 order by 3 desc, 1, 2 limit 60`.execute(db);
  return rows;
}

/** A digest that was accepted more than an hour ago, and of which nothing was heard since. */
export interface SilentDigest {
  subscriberId: number;
  localDate: string;
  /** The provider's id of the mail. */
  mailId: string;
  acceptedAt: Date;
}

/** Some silent digests of these editions, at random: those that nobody knows more of must not stand before the others. */
export async function listSilentDigests(
  db: Kysely<Database>,
  dates: readonly string[],
  limit: number,
): Promise<SilentDigest[]> {
  const { rows } = await sql<SilentDigest>`
    select d.subscriber_id "subscriberId", d.local_date "localDate",
      ${mailIdOfDigest} "mailId", b.settled_at "acceptedAt"
    from digests d join batches b on b.edition_date = d.local_date and coalesce(b.origin_id, b.id) = d.batch_id
      and d.position = any(b.positions) and b.state = 'accepted' and b.settled_at < now() - interval '1 hour'
    where d.local_date = any(${dates}::date[]) and d.delivered_at is null and d.bounced_at is null
      and d.complained_at is null and d.failed_at is null
      and ${mailIdOfDigest} is not null
    order by random() limit ${limit}`.execute(db);
  return rows;
}
