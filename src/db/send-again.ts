import { type Kysely, sql, type Transaction } from 'kysely';
import { batchOfDigest } from './batch-of-digest.ts';
import type { Database } from './schema.ts';

export interface RefusedDigest {
  /** The batch that holds the digest at the moment, and where. */
  batchId: number;
  position: number;
}

/**
 * Where a digest is that was certainly never accepted: in a batch that failed, refused by an accepted one, or left out of its
 * body. Undefined for every other, for one that anything was heard of, and once its edition has closed.
 */
export async function findRefused(
  db: Kysely<Database>,
  subscriberId: number,
  localDate: string,
): Promise<RefusedDigest | undefined> {
  const { rows } = await sql<RefusedDigest>`
    select b.id "batchId", d.position from digests d
      join lateral ${batchOfDigest} b on true
      join editions e on e.date = d.local_date and e.closed_at is null
    where d.subscriber_id = ${subscriberId} and d.local_date = ${localDate} and d.address is not null
      and d.delivered_at is null and d.bounced_at is null and d.complained_at is null and d.failed_at is null
      and (b.state = 'failed' or (b.state = 'accepted' and b.refused ? d.position::text)
        or (b.state in ('accepted', 'empty') and b.dropped ? d.position::text))`.execute(db);
  return rows[0];
}

/** Locks a refused digest's edition against closing and its batch against others; false when it is not so any more. */
export async function lockRefused(
  trx: Transaction<Database>,
  localDate: string,
  { batchId, position }: RefusedDigest,
): Promise<boolean> {
  const { rows: open } = await sql`
    select 1 from editions where date = ${localDate} and closed_at is null for share`.execute(trx);
  const { rows: there } = await sql`
    select 1 from batches where id = ${batchId} and ${position} = any(positions) for update`.execute(trx);
  return open.length > 0 && there.length > 0;
}

/** Takes a digest out of the batch it was refused in and makes a batch of its own for it, so that the ledger still adds up. */
export async function batchAnew(
  trx: Transaction<Database>,
  subscriberId: number,
  { batchId, position }: RefusedDigest,
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into batches (edition_date, range_id, origin_id, from_id, to_id, positions)
    select edition_date, range_id, coalesce(origin_id, id), ${subscriberId}, ${subscriberId}, array[${position}]::smallint[]
    from batches where id = ${batchId} returning id`.execute(trx);
  await sql`
    update batches set
      ${without('receipt', position)}, ${without('receipt_uuids', position)},
      positions = array_remove(positions, ${position}::smallint),
      refused = nullif(refused - ${String(position)}, '{}'), dropped = nullif(dropped - ${String(position)}, '{}'),
      state = case when cardinality(positions) = 1 then 'split' else state end
    where id = ${batchId}`.execute(trx);
  return rows[0]!.id;
}

function without(column: 'receipt' | 'receipt_uuids', position: number) {
  return sql`${sql.ref(column)} = (
    select array_agg(id order by place) from unnest(${sql.ref(column)}) with ordinality r(id, place)
    where place <> array_position(positions, ${position}::smallint))`;
}
