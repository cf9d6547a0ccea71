import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

export interface OpenRange {
  id: number;
  editionDate: string;
  slotIds: number[];
  fromId: number;
  toId: number;
  /** The business clock's moment at which it was planned: its papers are those of that moment. */
  madeAt: Date;
}

/**
 * Cuts the subscribers of slots due together into ranges of at most `size` and inserts them. One scan of the
 * (slot, id) index; only the bounds come back.
 */
export async function insertRanges(
  trx: Transaction<Database>,
  due: { editionDate: string; slotIds: number[]; madeAt: Date },
  size: number,
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    with due as (
      select id, (row_number() over (order by id) - 1) / ${size} part from subscribers
      where slot_id = any(${due.slotIds}::int[]) and status = 'active'
        and (not_before is null or not_before <= ${due.editionDate})
        and (snoozed_until is null or snoozed_until <= ${due.editionDate})
    )
    insert into ranges (edition_date, slot_ids, from_id, to_id, made_at, expected)
    select ${due.editionDate}, ${due.slotIds}, min(id), max(id), ${due.madeAt}, count(*) from due group by part
    returning id
  `.execute(trx);
  return rows.map((row) => row.id);
}

/** The range, locked, if it is not composed and nobody else is at it. */
export async function lockOpenRange(
  trx: Transaction<Database>,
  rangeId: number,
): Promise<OpenRange | undefined> {
  const { rows } = await sql<OpenRange>`
    select id, edition_date "editionDate", slot_ids "slotIds", from_id "fromId", to_id "toId",
      made_at "madeAt"
    from ranges where id = ${rangeId} and composed_at is null for update skip locked
  `.execute(trx);
  return rows[0];
}

/**
 * Takes one of the places of those who compose, of which there are so many for all processes; it is free again when the
 * transaction ends. False when there is none.
 */
export async function takeComposer(trx: Transaction<Database>, places: number): Promise<boolean> {
  const { rows } = await sql`select from generate_series(1, ${places}::int) place
    where pg_try_advisory_xact_lock(${composerClass}::int, place) limit 1`.execute(trx);
  return rows.length === 1;
}

/** First half of the two-part advisory lock that a composer holds: "COMP". */
const composerClass = 0x434f4d50;

/** Writes what came of a range; part of the transaction that inserts its digests. */
export async function closeRange(
  trx: Transaction<Database>,
  rangeId: number,
  outcome: { audience: number; skipped: Record<string, number> },
): Promise<void> {
  await trx
    .updateTable('ranges')
    .set({
      composed_at: sql`now()`,
      audience: outcome.audience,
      skipped: JSON.stringify(outcome.skipped),
    })
    .where('id', '=', rangeId)
    .execute();
}

/** Ranges that wait for compose, oldest first. */
export async function listOpenRanges(db: Kysely<Database>, limit: number): Promise<number[]> {
  const rows = await db
    .selectFrom('ranges')
    .select('id')
    .where('composed_at', 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}
