import { type Kysely, sql } from 'kysely';
import type { Database } from './schema.ts';

/** Keys of papers that readers want others to be like and that are not known yet. */
export async function listWantedPapers(db: Kysely<Database>, limit: number): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`
    select distinct key from subscribers s cross join unnest(s.wanted_papers) key
    where s.status = 'active' and s.wanted_papers <> '{}' order by key limit ${limit}`.execute(db);
  return rows.map(({ key }) => key);
}

/**
 * Lets those who wanted these papers follow the topics made of them. `asked` are all that were asked for: what did not
 * come is not wanted any more. Twice changes nothing.
 */
export async function followWanted(
  db: Kysely<Database>,
  asked: readonly string[],
  topics: ReadonlyMap<string, number>,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`
      insert into follows (subscriber_id, topic_id)
      select s.id, t.topic_id from subscribers s
      join unnest(${[...topics.keys()]}::text[], ${[...topics.values()]}::int[]) t(key, topic_id)
        on t.key = any(s.wanted_papers)
      where s.status = 'active' on conflict do nothing`.execute(trx);
    await sql`
      update subscribers set wanted_papers =
        array(select key from unnest(wanted_papers) key where not key = any(${asked}::text[]))
      where wanted_papers && ${asked}::text[] and status = 'active'`.execute(trx);
  });
}
