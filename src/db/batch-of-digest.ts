import { sql } from 'kysely';

/**
 * The batch that a digest `d` is in at the moment, as a row of `batches` to join laterally: the one it was composed into, or
 * the part that was cut out of it. Two look-ups by index, where one condition over both would read every batch.
 */
export const batchOfDigest = sql`(
  select * from batches where id = d.batch_id and d.position = any(positions) and state <> 'split'
  union all
  select * from batches where origin_id = d.batch_id and d.position = any(positions) and state <> 'split')`;
