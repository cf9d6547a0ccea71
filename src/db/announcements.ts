import { createHash } from 'node:crypto';
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

export interface Announcement {
  id: number;
  source: string;
  subject: string | null;
  html: string | null;
  text: string | null;
  createdAt: Date;
  startedAt: Date | null;
  stoppedAt: Date | null;
  closedAt: Date | null;
  /** The topic whose followers get it; null is everybody. */
  topicId: number | null;
  topicName: string | null;
}

const columns = sql`a.id, a.source, a.subject, a.html, a.text, a.created_at "createdAt", a.started_at "startedAt",
  a.stopped_at "stoppedAt", a.closed_at "closedAt", a.topic_id "topicId", t.name "topicName"`;

export async function readAnnouncementRow(
  db: Kysely<Database>,
  id: number,
): Promise<Announcement | undefined> {
  const { rows } = await sql<Announcement>`
    select ${columns} from announcements a left join topics t on t.id = a.topic_id where a.id = ${id}`.execute(
    db,
  );
  return rows[0];
}

/** The newest first. */
export async function listAnnouncements(db: Kysely<Database>, limit: number): Promise<Announcement[]> {
  const { rows } = await sql<Announcement>`
    select ${columns} from announcements a left join topics t on t.id = a.topic_id
    order by a.id desc limit ${limit}`.execute(db);
  return rows;
}

/** Keeps a draft as it was written, right or not. */
export async function insertDraft(db: Kysely<Database>, source: string): Promise<number> {
  const { id } = await db
    .insertInto('announcements')
    .values({ source, sha256: sha256(source) })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** False when there is no such draft: it was started, or thrown away. */
export async function updateDraft(db: Kysely<Database>, id: number, source: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('announcements')
    .set({ source, sha256: sha256(source) })
    .where('id', '=', id)
    .where('started_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function deleteDraft(db: Kysely<Database>, id: number): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('announcements')
    .where('id', '=', id)
    .where('started_at', 'is', null)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** The announcement of this very text to this audience that was started before, if any. */
export async function findStarted(
  db: Kysely<Database>,
  source: string,
  topicId: number | null,
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select id from announcements where sha256 = ${sha256(source)} and coalesce(topic_id, 0) = ${topicId ?? 0}
      and started_at is not null`.execute(db);
  return rows[0]?.id;
}

/**
 * Fixes what a draft says and to whom it goes. False when it is no draft any more. Throws on the unique index when the
 * same was started at the same moment.
 */
export async function startDraft(
  trx: Transaction<Database>,
  id: number,
  start: { topicId: number | null; subject: string; html: string; text: string },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update announcements set topic_id = ${start.topicId}, subject = ${start.subject}, html = ${start.html},
      text = ${start.text}, started_at = now(), through_id = coalesce((select max(id) from subscribers), 0)
    where id = ${id} and started_at is null
  `.execute(trx);
  return Number(numAffectedRows) === 1;
}

/** Confirmed subscribers; those who follow a topic, where one is named. Muting it is not following. */
function isAudience(topicId: number | null): RawBuilder<boolean> {
  const follows =
    topicId === null
      ? sql`true`
      : sql`s.id in (select subscriber_id from follows where topic_id = ${topicId} and mode <> 'mute')`;
  return sql<boolean>`s.status = 'active' and s.address is not null and ${follows}`;
}

/** To how many an announcement would go; the suppressed among them are found when it is under way. */
export async function countAudience(db: Kysely<Database>, topicId: number | null): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int n from subscribers s where ${isAudience(topicId)}`.execute(db);
  return rows[0]!.n;
}

/** How many of an announcement's audience the walk has not come to. */
export async function countToCome(db: Kysely<Database>, id: number): Promise<number> {
  const row = await db
    .selectFrom('announcements')
    .select(['topic_id', 'walked_id', 'through_id'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const { rows } = await sql<{ n: number }>`
    select count(*)::int n from subscribers s
    where s.id > ${row.walked_id} and s.id <= ${row.through_id} and ${isAudience(row.topic_id)}`.execute(db);
  return rows[0]!.n;
}

export interface Walk {
  id: number;
  sha256: Buffer;
  topicId: number | null;
  walkedId: number;
  throughId: number;
}

/**
 * Locks the announcement under way whose last set is longest ago; undefined when there is none, or another process is
 * at it. The lock is held until the transaction ends.
 */
export async function lockNextWalk(trx: Transaction<Database>): Promise<Walk | undefined> {
  const { rows } = await sql<Walk>`
    select id, sha256, topic_id "topicId", walked_id "walkedId", through_id "throughId" from announcements
    where started_at is not null and stopped_at is null and walked_id < through_id
    order by released_at nulls first, id limit 1 for no key update skip locked
  `.execute(trx);
  return rows[0];
}

export interface Pace {
  sinceMs: number | null;
  waiting: number;
  /** Looked at only where the day is capped. */
  madeToday: number;
  digestsWait: boolean;
}

/** How the line stands: what was released, what of it still waits, and whether digests do. By the database's clock. */
export async function readPace(db: Kysely<Database>, isCapped: boolean): Promise<Pace> {
  const { rows } = await sql<Pace>`
    select (select extract(epoch from clock_timestamp() - max(released_at))::float8 * 1000 from announcements) "sinceMs",
      (select count(*)::int from notices where state in ('composed', 'frozen') and kind = 'announcement') waiting,
      (select count(*)::int from notices where ${isCapped} and kind = 'announcement'
        and created_at >= date_trunc('day', now(), 'UTC')) "madeToday",
      exists (select 1 from ranges where composed_at is null)
        or exists (select 1 from batches b join editions e on e.date = b.edition_date and e.closed_at is null
          where b.state in ('composed', 'frozen') and b.next_attempt_at <= now()) "digestsWait"
  `.execute(db);
  return rows[0]!;
}

/** The next readers of a walk, in the order of their numbers. */
export async function readNextReaders(
  trx: Transaction<Database>,
  walk: Walk,
  limit: number,
): Promise<{ id: number; address: string }[]> {
  const { rows } = await sql<{ id: number; address: string }>`
    select s.id, s.address from subscribers s
    where s.id > ${walk.walkedId} and s.id <= ${walk.throughId} and ${isAudience(walk.topicId)}
    order by s.id limit ${limit}
  `.execute(trx);
  return rows;
}

/**
 * Inserts the notices of one set and notes how far the walk has come, in one transaction. Gives those that wait to be
 * delivered. A suppressed reader's is settled at once; who had this text before gets none (RULES 15).
 */
export async function insertSet(
  trx: Transaction<Database>,
  walk: Walk,
  set: { readers: readonly { id: number; address: string; isSuppressed: boolean }[]; walkedId: number },
): Promise<number[]> {
  const { readers, walkedId } = set;
  const { rows } = await sql<{ id: number; state: string }>`
    insert into notices (subscriber_id, kind, cause, address, announcement_id, state, reason, settled_at)
    select id, 'announcement', ${walk.sha256.toString('hex')}, address, ${walk.id},
      case when suppressed then 'dropped' else 'composed' end, case when suppressed then 'suppressed' end,
      case when suppressed then now() end
    from unnest(${readers.map(({ id }) => id)}::int[], ${readers.map(({ address }) => address)}::text[],
      ${readers.map(({ isSuppressed }) => isSuppressed)}::boolean[]) as r(id, address, suppressed) order by id
    on conflict (subscriber_id, kind, cause) do nothing
    returning id, state
  `.execute(trx);
  await sql`update announcements set walked_id = ${walkedId}, released_at = clock_timestamp(),
    already = already + ${readers.length - rows.length} where id = ${walk.id}`.execute(trx);
  return rows.filter(({ state }) => state === 'composed').map(({ id }) => id);
}

/**
 * No further set follows, and what waits and was never attempted is dropped. What is in hand at this moment is still
 * handed over. False when it was over or stopped before.
 */
export async function stopWalk(trx: Transaction<Database>, id: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update announcements set stopped_at = now()
    where id = ${id} and started_at is not null and stopped_at is null and closed_at is null`.execute(trx);
  if (Number(numAffectedRows) === 0) return false;
  await sql`update notices set state = 'dropped', reason = 'stopped', settled_at = now()
    where announcement_id = ${id} and state = 'composed' and lease is null`.execute(trx);
  return true;
}

function sha256(source: string): Buffer {
  return createHash('sha256').update(source).digest();
}
