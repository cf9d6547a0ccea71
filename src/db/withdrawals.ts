import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { DigestRow } from './digests.ts';
import { integerArray } from './integers.ts';
import { prepared } from './prepared.ts';
import type { Database } from './schema.ts';

/** Which of these papers were withdrawn, or hidden by an operator. */
export async function findWithdrawn(
  db: Kysely<Database>,
  paperIds: readonly number[],
): Promise<ReadonlySet<number>> {
  const { rows } = await sql<{ id: number }>`${prepared} ${withdrawnOf(paperIds)}`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** Whether any of them was: for a statement that must not happen then. */
export function isAnyWithdrawn(paperIds: readonly number[]): RawBuilder<boolean> {
  return sql<boolean>`exists (${withdrawnOf(paperIds)})`;
}

function withdrawnOf(paperIds: readonly number[]): RawBuilder<{ id: number }> {
  return sql`select id from papers where id = any(${integerArray(new Set(paperIds))}::int[])
    and (withdrawn_at is not null or hidden_at is not null)`;
}

/** Writes digests anew that were never attempted: their papers, and what stands in them. */
export async function rewriteDigests(
  trx: Transaction<Database>,
  digests: readonly DigestRow[],
): Promise<void> {
  for (const { subscriberId, localDate, paperIds, composition } of digests) {
    await trx
      .updateTable('digests')
      .set({ paper_ids: paperIds, packed: composition, composition: null })
      .where('subscriber_id', '=', subscriberId)
      .where('local_date', '=', localDate)
      .execute();
  }
}
