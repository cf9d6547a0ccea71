import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** The UTC day, by the database's clock, and the mails that count on it so far. */
export interface DayCount {
  day: string;
  mails: number;
}

const today = sql`(now() at time zone 'utc')::date`;

/** Mails accepted today, from the rows of the last two days: where the count of the day begins, so that a cap set at noon knows the morning. */
function acceptedToday(transport: string) {
  return sql`(
    (select coalesce(sum(cardinality(positions) - (select count(*) from jsonb_object_keys(coalesce(dropped, '{}')))
        - (select count(*) from jsonb_object_keys(coalesce(refused, '{}')))), 0) from batches
      where created_at >= ${today} - 2 and state in ('accepted', 'unknown') and transport = ${transport}
        and (first_attempt_at at time zone 'utc')::date = ${today})
    + (select count(*) from notices where created_at >= ${today} - 2 and state in ('accepted', 'unknown') and transport = ${transport}
        and (first_attempt_at at time zone 'utc')::date = ${today}))::int`;
}

/** What counts today already. */
function counted(transport: string) {
  return sql`case when mails_on = ${today} then mails else ${acceptedToday(transport)} end`;
}

export async function readDayCount(db: Kysely<Database>, transport: string): Promise<DayCount> {
  const { rows } = await sql<DayCount>`
    select ${today} "day", coalesce((select ${counted(transport)} from gates where transport = ${transport}),
      ${acceptedToday(transport)}) mails`.execute(db);
  return rows[0]!;
}

/**
 * Counts so many mails on a day, if the cap has room for all of them, in one statement for all processes. Gives the count
 * with them; undefined where there is no room, or the day is over.
 */
export async function takeRoom(
  db: Kysely<Database>,
  transport: string,
  wish: { day: string; mails: number; cap: number },
): Promise<number | undefined> {
  const { rows } = await sql<{ mails: number }>`
    update gates set mails = ${counted(transport)} + ${wish.mails}, mails_on = ${today}
    where transport = ${transport} and ${wish.day} = ${today} and ${counted(transport)} + ${wish.mails} <= ${wish.cap}
    returning mails`.execute(db);
  return rows[0]?.mails;
}

/** Mails that were counted and certainly not taken count no longer, as long as it is the same day. */
export async function giveRoomBack(
  db: Kysely<Database>,
  transport: string,
  { day, mails }: DayCount,
): Promise<void> {
  await sql`update gates set mails = greatest(0, mails - ${mails})
    where transport = ${transport} and mails_on = ${day}::date`.execute(db);
}
