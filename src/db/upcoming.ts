import { type Kysely, sql } from 'kysely';
import type { Slot } from '../domain/cadence.ts';
import type { Database } from './schema.ts';

/** A slot that somebody is in, and when it comes round next. */
export interface UpcomingSlot extends Slot {
  id: number;
  nextDueAt: Date;
  nextLocalDate: string;
}

/** The slots of active subscribers, soonest first. */
export async function listUpcomingSlots(db: Kysely<Database>): Promise<UpcomingSlot[]> {
  const { rows } = await sql<UpcomingSlot>`
    select id, time_zone "timeZone", send_hour "sendHour", weekdays, next_due_at "nextDueAt",
      next_local_date "nextLocalDate"
    from slots l where exists (select 1 from subscribers s where s.slot_id = l.id and s.status = 'active')
    order by next_due_at, id
  `.execute(db);
  return rows;
}

/** Who of these slots is due on a date, as planning would find them: the next `limit` after an id. */
export async function listDueSubscribers(
  db: Kysely<Database>,
  wish: { slotIds: readonly number[]; date: string; after: number; limit: number },
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from subscribers
    where slot_id = any(${wish.slotIds}::int[]) and status = 'active' and id > ${wish.after}
      and (not_before is null or not_before <= ${wish.date})
      and (snoozed_until is null or snoozed_until <= ${wish.date})
    order by id limit ${wish.limit}
  `.execute(db);
  return rows.map((row) => row.id);
}

/** How many an edition still waits for: active subscribers whose slot comes round on that date. */
export async function countStillToCome(db: Kysely<Database>, date: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int n from slots l join subscribers s on s.slot_id = l.id and s.status = 'active'
      and (s.not_before is null or s.not_before <= ${date}) and (s.snoozed_until is null or s.snoozed_until <= ${date})
    where l.next_local_date = ${date}
  `.execute(db);
  return rows[0]!.n;
}

/** How many active subscribers each slot has who would be due on a date, had the slot its turn then. */
export async function countBySlot(db: Kysely<Database>, date: string): Promise<Map<number, number>> {
  const { rows } = await sql<{ id: number; n: number }>`
    select slot_id id, count(*)::int n from subscribers where status = 'active'
      and (not_before is null or not_before <= ${date}) and (snoozed_until is null or snoozed_until <= ${date})
    group by slot_id`.execute(db);
  return new Map(rows.map(({ id, n }) => [id, n]));
}

/** How many digests of a date have how many papers; skipped ones have none and are left out. */
export async function countPapersPerDigest(
  db: Kysely<Database>,
  date: string,
): Promise<Record<string, number>> {
  const { rows } = await sql<{ papers: number; digests: number }>`
    select cardinality(paper_ids) papers, count(*)::int digests from digests
    where local_date = ${date} and batch_id is not null group by 1 order by 1
  `.execute(db);
  return Object.fromEntries(rows.map(({ papers, digests }) => [String(papers), digests]));
}
