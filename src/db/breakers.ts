import { type Kysely, sql } from 'kysely';
import { type Canary, type Course, nothingReported, type Reports } from '../domain/breaker.ts';
import type { Database } from './schema.ts';

/** An open edition: whether it flows, and what speaks against it. */
export interface EditionCourse {
  date: string;
  course: Course;
  pausedAt: Date | null;
  reason: string | null;
  resumedAt: Date | null;
  canaryId: number | null;
  /** What its reports are counted from: those when it was last let go on. */
  judgedFrom: Reports;
  /** At least so many were reported on. */
  reported: number;
  troubles: Omit<Reports, 'reported'>;
}

/** How far the transport tells what becomes of a mail: a mail server's own answers are all that is heard of deliveries. */
export interface Hearing {
  hearsDeliveries: boolean;
}

/** What a digest `d` has against its edition, where nobody counted the uneventful ones. */
const troubles = sql`count(*) filter (where d.bounce_class = 'hard')::int hard,
  count(*) filter (where d.bounce_class = 'policy')::int policy,
  count(*) filter (where d.bounce_class = 'content')::int content, count(d.complained_at)::int complained`;
const isTroubled = sql`(d.bounced_at is not null or d.complained_at is not null)`;
const isReported = sql`(d.delivered_at is not null or d.failed_at is not null or ${isTroubled})`;

/** The course of the open editions, or of those of some dates, oldest first. The index of troubled digests makes it cheap. */
export async function readCourses(
  db: Kysely<Database>,
  { hearsDeliveries }: Hearing,
  dates?: readonly string[],
): Promise<EditionCourse[]> {
  const { rows } = await sql<
    Omit<EditionCourse, 'course' | 'judgedFrom' | 'troubles'> & {
      judgedFrom: Reports | null;
      refused: number;
    } & Reports
  >`
    select e.date, e.paused_at "pausedAt", e.paused_reason reason, e.resumed_at "resumedAt", e.canary_id "canaryId",
      e.judged_from "judgedFrom", e.reported, t.hard + f.refused hard, t.policy + f.policy policy,
      t.content + f.content content, t.complained
    from editions e
    cross join lateral (select ${troubles} from digests d where d.local_date = e.date and ${isTroubled}) t
    cross join lateral (
      select count(*) filter (where failure is null)::int refused, count(*) filter (where failure = 'policy')::int policy,
        count(*) filter (where failure = 'content')::int content
      from batches where edition_date = e.date and state = 'failed' and not ${hearsDeliveries}) f
    where e.closed_at is null and (${dates ?? null}::date[] is null or e.date = any(${dates ?? null}::date[]))
    order by e.date
  `.execute(db);
  return rows.map(({ hard, policy, content, complained, judgedFrom, ...row }) => ({
    ...row,
    course: row.pausedAt ? 'paused' : row.resumedAt ? 'trying' : 'flowing',
    judgedFrom: judgedFrom ?? nothingReported,
    troubles: { hard, policy, content, complained },
  }));
}

/**
 * Counts the digests of a date that were reported on, and keeps the number. It reads the whole partition, so it is asked
 * only when the last count does not settle the matter. Where deliveries are not heard of, what was accepted counts.
 */
export async function countReported(
  db: Kysely<Database>,
  date: string,
  { hearsDeliveries }: Hearing,
): Promise<number> {
  const counted = hearsDeliveries
    ? sql`select count(*)::int from digests d where d.local_date = ${date} and ${isReported}`
    : sql`select count(*)::int from batches where edition_date = ${date} and state in ('accepted', 'failed')`;
  const { rows } = await sql<{ reported: number }>`
    update editions set reported = greatest(reported, (${counted})) where date = ${date} returning reported
  `.execute(db);
  return rows[0]?.reported ?? 0;
}

/** Pauses an edition that flows, or whose canary this is. False when it took another course meanwhile. */
export async function pauseEdition(
  db: Kysely<Database>,
  edition: { date: string; resumedAt: Date | null },
  reason: string,
): Promise<boolean> {
  const result = await sql`
    update editions set paused_at = now(), paused_reason = ${reason}, resumed_at = null, canary_id = null
    where date = ${edition.date} and closed_at is null and paused_at is null
      and resumed_at is not distinct from ${edition.resumedAt}::timestamptz
  `.execute(db);
  return Number(result.numAffectedRows) === 1;
}

/** Lets a paused edition go on, one batch first. */
export async function resumeEdition(db: Kysely<Database>, date: string): Promise<boolean> {
  const result = await sql`update editions set paused_at = null, canary_id = null,
      resumed_at = date_trunc('milliseconds', now())
    where date = ${date} and paused_at is not null`.execute(db);
  return Number(result.numAffectedRows) === 1;
}

/** Lets the rest go. What was reported until now is not held against the edition again. */
export async function letFlow(
  db: Kysely<Database>,
  edition: { date: string; resumedAt: Date | null },
  judgedFrom: Reports,
): Promise<boolean> {
  const result = await sql`
    update editions set resumed_at = null, canary_id = null, paused_reason = null, judged_from = ${JSON.stringify(judgedFrom)}
    where date = ${edition.date} and paused_at is null and resumed_at = ${edition.resumedAt}::timestamptz
  `.execute(db);
  return Number(result.numAffectedRows) === 1;
}

/** Takes the canary's part from a batch in which nobody was left. */
export async function dismissCanary(
  db: Kysely<Database>,
  edition: { date: string; canaryId: number | null },
): Promise<void> {
  await sql`update editions set canary_id = null
    where date = ${edition.date} and canary_id = ${edition.canaryId}`.execute(db);
}

/**
 * Names the batch that goes first in every edition that was resumed and has none: the largest that waits, with all that
 * it was split into.
 */
export async function appointCanaries(db: Kysely<Database>): Promise<void> {
  await sql`
    update editions e set canary_id = (
      select coalesce(b.origin_id, b.id) from batches b where b.edition_date = e.date and b.state = 'composed'
      group by 1 order by sum(cardinality(b.positions)) desc, 1 limit 1)
    where e.resumed_at is not null and e.paused_at is null and e.canary_id is null and e.closed_at is null
  `.execute(db);
}

/** What is known of an edition's canary: of the part of it that went after the resume. */
export async function readCanary(
  db: Kysely<Database>,
  edition: { date: string; canaryId: number; resumedAt: Date },
  { hearsDeliveries }: Hearing,
): Promise<Canary> {
  const { date, canaryId, resumedAt } = edition;
  const { rows } = await sql<Omit<Canary, 'reports' | 'hearsDeliveries'> & Reports & { refused: number }>`
    with family as (
      select *, cardinality(positions) - (select count(*) from jsonb_object_keys(coalesce(dropped, '{}')))::int members
      from batches where edition_date = ${date} and (id = ${canaryId} or origin_id = ${canaryId})
        and (settled_at is null or settled_at >= ${resumedAt})
    ), taken as (
      select d.* from family f join digests d on d.local_date = ${date} and d.batch_id = ${canaryId}
        and d.subscriber_id between f.from_id and f.to_id and d.position = any(f.positions)
      where f.state = 'accepted' and not coalesce(f.dropped ? d.position::text, false)
        and not coalesce(f.refused ? d.position::text, false)
    ), told as (select ${troubles}, count(*)::int accepted, count(*) filter (where ${isReported})::int reported from taken d)
    select accepted, hard, policy, content, complained, reported,
      (select coalesce(sum(members), 0)::int from family where state in ('failed', 'unknown')) "notAccepted",
      (select coalesce(sum(members), 0)::int from family where state in ('composed', 'frozen')) pending,
      (select count(*)::int from family where state = 'failed' and failure is not null) refused,
      (select coalesce(extract(epoch from now() - max(settled_at)) * 1000, 0)::float8 from family) "waitedMs"
    from told
  `.execute(db);
  const { hard, policy, content, complained, reported, refused, ...canary } = rows[0]!;
  return {
    ...canary,
    hearsDeliveries,
    reports: { reported, hard, policy: policy + refused, content, complained },
  };
}
