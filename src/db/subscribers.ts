import { type Kysely, sql, type Transaction } from 'kysely';
import type { Slot } from '../domain/cadence.ts';
import type { Database } from './schema.ts';
import type { SubscriberStatus } from './tables/subscribers.ts';

export interface SubscriberRow extends Slot {
  id: number;
  address: string | null;
  addressVersion: number;
  status: SubscriberStatus;
  slotId: number;
  maxPapers: number;
  notBefore: string | null;
  nextDueAt: Date;
  nextLocalDate: string;
  snoozedUntil: string | null;
  wantedTopics: string[];
  layout: 'abstracts' | 'titles';
  isTextOnly: boolean;
  emptyDays: 'silence' | 'note';
  /** Keys of papers that they named and that are not here yet. */
  wantedPapers: string[];
  feedVersion: number;
  pendingAddress: string | null;
  createdAt: Date;
  confirmedAt: Date | null;
  unsubscribedAt: Date | null;
}

const columns = sql`s.id, s.address, s.address_version "addressVersion", s.status, s.slot_id "slotId",
  s.max_papers "maxPapers", s.not_before "notBefore", s.snoozed_until "snoozedUntil",
  s.wanted_topics "wantedTopics", s.layout, s.text_only "isTextOnly", s.empty_days "emptyDays", s.wanted_papers "wantedPapers",
  s.feed_version "feedVersion", s.pending_address "pendingAddress", s.created_at "createdAt", s.confirmed_at "confirmedAt",
  s.unsubscribed_at "unsubscribedAt", l.time_zone "timeZone", l.send_hour "sendHour", l.weekdays,
  l.next_due_at "nextDueAt", l.next_local_date "nextLocalDate"`;

export async function findById(db: Kysely<Database>, id: number): Promise<SubscriberRow | undefined> {
  const { rows } = await sql<SubscriberRow>`
    select ${columns} from subscribers s join slots l on l.id = s.slot_id where s.id = ${id}`.execute(db);
  return rows[0];
}

/** By normalised address. */
export async function findByAddress(
  db: Kysely<Database>,
  address: string,
): Promise<SubscriberRow | undefined> {
  const { rows } = await sql<SubscriberRow>`
    select ${columns} from subscribers s join slots l on l.id = s.slot_id
    where s.address = ${address}`.execute(db);
  return rows[0];
}

/** The topics a subscriber follows, in the order of their names. */
export async function readFollows(db: Kysely<Database>, subscriberId: number) {
  return db
    .selectFrom('follows')
    .innerJoin('topics', 'topics.id', 'follows.topic_id')
    .select(['topics.id', 'topics.slug', 'topics.name', 'topics.definition', 'follows.mode'])
    .where('subscriber_id', '=', subscriberId)
    .orderBy('topics.name')
    .execute();
}

/** Topics by how a subscriber wants them. Where `more` or `muted` is left out, what is stored of it stays. */
export interface Follows {
  topicIds: readonly number[];
  /** Those of `topicIds` that count for more. */
  more?: readonly number[] | undefined;
  muted?: readonly number[] | undefined;
}

/** Replaces what a subscriber follows and mutes. */
export async function replaceFollows(
  trx: Transaction<Database>,
  subscriberId: number,
  { topicIds, more, muted }: Follows,
): Promise<void> {
  await sql`delete from follows where subscriber_id = ${subscriberId}
    and not topic_id = any(${[...topicIds, ...(muted ?? [])]}::int[])
    and (mode <> 'mute' or ${muted !== undefined})`.execute(trx);
  await sql`insert into follows as f (subscriber_id, topic_id, mode)
    select ${subscriberId}, topic, case when topic = any(${more ?? []}::int[]) then 'more' else 'follow' end
    from unnest(${topicIds}::int[]) topic
    on conflict (subscriber_id, topic_id) do update set mode = excluded.mode
      where f.mode = 'mute' or ${more !== undefined}`.execute(trx);
  await sql`insert into follows (subscriber_id, topic_id, mode)
    select ${subscriberId}, topic, 'mute' from unnest(${muted ?? []}::int[]) topic
    on conflict (subscriber_id, topic_id) do update set mode = 'mute'`.execute(trx);
}

/** The last digest of each, by subscriber: the next one keeps its distance from it (RULES 5). */
export async function readLastDigests(
  db: Kysely<Database>,
  subscriberIds: readonly number[],
): Promise<Map<number, { localDate: string; at: Date }>> {
  const { rows } = await sql<{ id: number; localDate: string; at: Date }>`
    select distinct on (id) id, "localDate", at from (
      select d.subscriber_id id, d.local_date "localDate",
        coalesce(r.made_at, d.local_date::timestamp at time zone 'utc') at
      from digests d left join batches b on b.id = d.batch_id left join ranges r on r.id = b.range_id
      where d.subscriber_id = any(${subscriberIds}::int[])
      union all
      select subscriber_id, local_date, made_at from notices
      where subscriber_id = any(${subscriberIds}::int[]) and local_date is not null
        and state not in ('failed', 'dropped')) all_of_them
    order by id, "localDate" desc`.execute(db);
  return new Map(rows.map(({ id, ...last }) => [id, last]));
}

/** Moves a subscriber to a slot, to start no earlier than `notBefore`. */
export async function setSlot(
  trx: Transaction<Database>,
  subscriberId: number,
  slot: { slotId: number; notBefore: string },
): Promise<void> {
  await trx
    .updateTable('subscribers')
    .set({ slot_id: slot.slotId, not_before: slot.notBefore })
    .where('id', '=', subscriberId)
    .execute();
}

/**
 * Lets go of those who asked and never confirmed: nothing was mailed to them for so many days but what asked them to.
 * Gives how many went.
 */
export async function dropUnconfirmed(db: Kysely<Database>, days: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from subscribers s where status = 'unconfirmed' and confirmed_at is null
      and created_at < now() - make_interval(days => ${days})
      and not exists (select 1 from notices n where n.subscriber_id = s.id
        and (n.state = 'frozen' or n.created_at > now() - make_interval(days => ${days})))
      and not exists (select 1 from digests d where d.subscriber_id = s.id)`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** Drops counts of forms whose window is over. */
export async function dropOldLimits(db: Kysely<Database>): Promise<void> {
  await sql`delete from rate_limits where expire < extract(epoch from now()) * 1000`.execute(db);
}
