import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

export interface HeldEdition {
  date: string;
  reason: string;
  heldAt: Date;
}

/** The editions that wait for somebody to look, oldest first. */
export async function listHeldEditions(db: Kysely<Database>): Promise<HeldEdition[]> {
  const { rows } = await sql<HeldEdition>`
    select date, held_reason reason, held_at "heldAt" from editions
    where held_at is not null and released_at is null and closed_at is null order by date`.execute(db);
  return rows;
}

/** Holds an edition, once: one that was released is not held again. */
export async function holdEdition(db: Kysely<Database>, date: string, reason: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into editions (date, held_at, held_reason) values (${date}, now(), ${reason})
    on conflict (date) do update set held_at = now(), held_reason = excluded.held_reason
      where editions.held_at is null and editions.released_at is null and editions.closed_at is null`.execute(
    db,
  );
  return Number(numAffectedRows) === 1;
}

/** Lets a held edition go on: the next planning takes what of it is not too late. */
export async function releaseEdition(db: Kysely<Database>, date: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update editions set released_at = now()
    where date = ${date} and held_at is not null and released_at is null`.execute(db);
  return Number(numAffectedRows) === 1;
}

/** Which of these dates are judged no more: held already, released, or closed. */
export async function listJudged(db: Kysely<Database>, dates: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ date: string }>`
    select date from editions where date = any(${dates}::date[])
      and (held_at is not null or released_at is not null or closed_at is not null)`.execute(db);
  return new Set(rows.map((row) => row.date));
}

/**
 * What the audience of a date is measured against: the newest edition of the week before it that nobody had to stop, and
 * the one of the same weekday.
 */
export async function findEditionsToCompare(
  db: Kysely<Database>,
  date: string,
): Promise<{ lastTime: string | undefined; weekBefore: string | undefined }> {
  const { rows } = await sql<{ last: string | null; week: string | null }>`
    select max(date) last, max(date) filter (where date = ${date}::date - 7) week from editions
    where date < ${date} and date >= ${date}::date - 7 and (held_at is null or released_at is not null)
  `.execute(db);
  return { lastTime: rows[0]!.last ?? undefined, weekBefore: rows[0]!.week ?? undefined };
}
