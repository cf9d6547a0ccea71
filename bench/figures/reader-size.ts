import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';

/** What one reader with five topics takes in Postgres, in bytes, indexes included. */
export async function measureReaderBytes({ db }: Context): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select ((pg_total_relation_size('subscribers') + pg_total_relation_size('follows'))
      / (select count(*) from subscribers))::int bytes`.execute(db);
  return rows[0]!.bytes;
}
