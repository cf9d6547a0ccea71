import { type Kysely, sql, type Transaction } from 'kysely';
import { nextOccurrence, type Occurrence, type Slot, spelledTimeZone, tooLateMs } from '../domain/cadence.ts';
import type { Database } from './schema.ts';

export interface SlotRow extends Slot {
  id: number;
  nextDueAt: Date;
  nextLocalDate: string;
}

/**
 * Makes sure the slot exists and comes round for a subscriber who starts at `first`; gives its id and the
 * subscriber's `not_before`. A slot never planned on that date may be moved back for the newcomer; those already in it
 * keep their own start.
 */
export async function joinSlot(
  trx: Transaction<Database>,
  slot: Slot,
  first: Occurrence,
): Promise<{ slotId: number; notBefore: string }> {
  const row = await sql<{ id: number; next_local_date: string; last_local_date: string | null }>`
    insert into slots (time_zone, send_hour, weekdays, next_due_at, next_local_date)
    values (${spelledTimeZone(slot.timeZone)}, ${slot.sendHour}, ${slot.weekdays}, ${first.at}, ${first.localDate})
    on conflict (time_zone, send_hour, weekdays) do update set time_zone = excluded.time_zone
    returning id, next_local_date, last_local_date
  `.execute(trx);
  const { id, next_local_date, last_local_date } = row.rows[0]!;
  const neverPlanned = last_local_date === null || first.localDate > last_local_date;
  if (first.localDate < next_local_date && neverPlanned) {
    await sql`update subscribers set not_before = ${next_local_date}
      where slot_id = ${id} and (not_before is null or not_before < ${next_local_date})`.execute(trx);
    await sql`update slots set next_due_at = ${first.at}, next_local_date = ${first.localDate}
      where id = ${id}`.execute(trx);
  }
  return { slotId: id, notBefore: first.localDate };
}

/** The first occurrence of a slot from `from`, past every edition that has closed: nothing is planned for those any more. */
export async function firstOccurrence(
  db: Kysely<Database>,
  slot: Slot,
  from: Date,
  afterDate?: string,
): Promise<Occurrence> {
  let occurrence = nextOccurrence(slot, from, afterDate);
  while (await isClosed(db, occurrence.localDate)) {
    occurrence = nextOccurrence(slot, from, occurrence.localDate);
  }
  return occurrence;
}

/**
 * The due slots, locked for this transaction; those another planner holds are left to it. Those of `held` dates are left
 * where they are while they are not too late.
 */
export async function lockDueSlots(
  trx: Transaction<Database>,
  now: Date,
  limit: number,
  held: readonly string[] = [],
): Promise<SlotRow[]> {
  const { rows } = await sql<SlotRow>`
    select id, time_zone "timeZone", send_hour "sendHour", weekdays,
      next_due_at "nextDueAt", next_local_date "nextLocalDate"
    from slots where next_due_at <= ${now}
      and not (next_local_date = any(${held}::date[]) and next_due_at >= ${new Date(now.getTime() - tooLateMs)})
    order by next_due_at, id limit ${limit} for update skip locked
  `.execute(trx);
  return rows;
}

/** Moves slots on to their next occurrence, remembering the last date they were planned or missed for. */
export async function advanceSlots(
  trx: Transaction<Database>,
  moves: { id: number; next: Occurrence; lastLocalDate: string }[],
): Promise<void> {
  await sql`
    update slots set next_due_at = m.at, next_local_date = m.date, last_local_date = m.last
    from unnest(${moves.map((move) => move.id)}::int[], ${moves.map((move) => move.next.at)}::timestamptz[],
      ${moves.map((move) => move.next.localDate)}::date[], ${moves.map((move) => move.lastLocalDate)}::date[]
    ) m(id, at, date, last) where slots.id = m.id
  `.execute(trx);
}

/** Holds an open edition open until this transaction ends: it must not close between the look and the joining. */
async function isClosed(db: Kysely<Database>, date: string): Promise<boolean> {
  const row = await db
    .selectFrom('editions')
    .select('closed_at')
    .where('date', '=', date)
    .forShare()
    .executeTakeFirst();
  return row !== undefined && row.closed_at !== null;
}
