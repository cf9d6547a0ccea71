import { sql, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

/** Cuts a definitely refused batch in two, in the transaction that settles it as split. Gives the halves' ids. */
export async function insertHalves(
  trx: Transaction<Database>,
  batchId: number,
  halves: readonly (readonly number[])[],
): Promise<number[]> {
  const ids: number[] = [];
  for (const positions of halves) {
    const { rows } = await sql<{ id: number }>`
      insert into batches (edition_date, range_id, origin_id, from_id, to_id, positions, created_at)
      select edition_date, range_id, coalesce(origin_id, id), from_id, to_id, ${positions}::smallint[], created_at
      from batches where id = ${batchId} returning id
    `.execute(trx);
    ids.push(rows[0]!.id);
  }
  return ids;
}

/** Cuts a batch that was never frozen after so many members. Gives the parts' ids; none when the claim is no longer ours. */
export async function cutBatch(
  trx: Transaction<Database>,
  batch: { id: number; lease: number; positions: readonly number[] },
  after: number,
): Promise<number[]> {
  const result = await sql`
    update batches set state = 'split', reason = 'the daily cap', settled_at = now(), lease = null
    where id = ${batch.id} and lease = ${batch.lease} and state = 'composed'`.execute(trx);
  if (Number(result.numAffectedRows) !== 1) return [];
  return insertHalves(trx, batch.id, [batch.positions.slice(0, after), batch.positions.slice(after)]);
}

/**
 * Cuts a batch that was never frozen into its members, for a transport that takes one mail a request. Gives their ids;
 * none when the claim is no longer ours.
 */
export async function insertSingles(
  trx: Transaction<Database>,
  batch: { id: number; lease: number },
): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    with whole as (
      update batches set state = 'split', reason = 'one mail a request', settled_at = now(), lease = null
      where id = ${batch.id} and lease = ${batch.lease} and state = 'composed'
      returning id, edition_date, range_id, coalesce(origin_id, id) origin_id, from_id, to_id, positions, created_at
    )
    insert into batches (edition_date, range_id, origin_id, from_id, to_id, positions, created_at)
    select w.edition_date, w.range_id, w.origin_id, coalesce(d.subscriber_id, w.from_id),
      coalesce(d.subscriber_id, w.to_id), array[p]::smallint[], w.created_at
    from whole w cross join unnest(w.positions) p left join digests d on d.local_date = w.edition_date
      and d.subscriber_id between w.from_id and w.to_id and d.batch_id = w.origin_id and d.position = p
    order by p returning id
  `.execute(trx);
  return rows.map((row) => row.id);
}
