import { type Kysely, sql, type Transaction } from 'kysely';

import type { Database } from './schema.ts';

/**
 * Papers, topics and matches change one writer at a time: a topic that is new and papers that are new at the same
 * moment would otherwise not see each other, and their match would be missing for ever. Readers never wait.
 *
 * Runs `work` in the transaction that `db` is, or in one of its own, under a lock held until that commits.
 */
export async function changeCatalogue<T>(
  db: Kysely<Database>,
  work: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
  if (!db.isTransaction) return db.transaction().execute((trx) => changeCatalogue(trx, work));
  await sql`select pg_advisory_xact_lock(${lockClass}::int, 1)`.execute(db);
  return work(db as Transaction<Database>);
}

/** First half of the two-part advisory lock: "PAPR". */
const lockClass = 0x50415052;

/** Tells every process that its edition index is out of date. Called in the transaction that changed something. */
export async function bumpDataGeneration(trx: Transaction<Database>): Promise<void> {
  await trx
    .updateTable('installation')
    .set({ data_generation: sql<number>`data_generation + 1` })
    .execute();
}
