import { type Kysely, sql } from 'kysely';

import { type CuratedTopic, curatedTopics, definitionOf, parseTopic, type Topic } from '../domain/topic.ts';
import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import { matchTopics } from './matches.ts';
import type { Database } from './schema.ts';

export interface ListedTopic {
  id: number;
  slug: string | null;
  name: string;
  description: string;
  definition: string;
}

/**
 * Brings the curated topics in line with the data file: new ones are added, changed ones matched again, those that
 * left it are retired (their readers keep them, new papers no longer match). Twice changes nothing.
 */
export async function syncCuratedTopics(
  db: Kysely<Database>,
  topics: readonly CuratedTopic[] = curatedTopics,
): Promise<void> {
  await changeCatalogue(db, async (trx) => {
    let changed = 0;
    for (const topic of topics) {
      const { slug, name, description } = topic;
      const definition = definitionOf(topic);
      // A reader may have typed this very definition before: then that row becomes the curated one.
      await sql`
        update topics set slug = ${slug} where kind = 'phrase' and definition = ${definition} and slug is null
          and not exists (select 1 from topics where slug = ${slug})
      `.execute(trx);
      const { numAffectedRows } = await sql`
        insert into topics as t (kind, definition, slug, name, description)
        values ('phrase', ${definition}, ${slug}, ${name}, ${description})
        on conflict (slug) do update set definition = excluded.definition, name = excluded.name,
          description = excluded.description, retired_at = null,
          matched_through = case when t.definition = excluded.definition and t.retired_at is null
            then t.matched_through else 0 end
        where (t.definition, t.name, t.description, t.retired_at) is distinct from
          (excluded.definition, excluded.name, excluded.description, null)
      `.execute(trx);
      changed += Number(numAffectedRows ?? 0n);
    }
    const retired = await trx
      .updateTable('topics')
      .set({ retired_at: sql<Date>`now()` })
      .where('slug', 'is not', null)
      .where('slug', 'not in', ['', ...topics.map((topic) => topic.slug)])
      .where('retired_at', 'is', null)
      .executeTakeFirst();
    if (changed + Number(retired.numUpdatedRows) > 0) await bumpDataGeneration(trx);
    await matchTopics(trx);
  });
}

/**
 * The topic ids of what readers typed or chose (slugs, names, free phrases), by the text as given. Phrases never seen
 * become rows and are matched with all papers at once. A text that is no topic (RULES 24) is missing in the answer.
 */
export async function ensureTopics(
  db: Kysely<Database>,
  texts: readonly string[],
): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  const fresh: number[] = [];
  await changeCatalogue(db, async (trx) => {
    for (const text of new Set(texts)) {
      const topic = parseTopic(text);
      if ('fault' in topic) continue;
      let id = await findTopic(trx, topic);
      if (id === undefined && topic.slug !== undefined) {
        // Nothing has brought the curated topics in yet: an import straight after the migration.
        await syncCuratedTopics(trx);
        id = await findTopic(trx, topic);
      }
      if (id === undefined) {
        id = await insertPhrase(trx, topic);
        if (id !== undefined) fresh.push(id);
      }
      if (id !== undefined) ids.set(text, id);
    }
    await matchTopics(trx, fresh);
  });
  return ids;
}

async function findTopic(db: Kysely<Database>, topic: Topic): Promise<number | undefined> {
  const query = db.selectFrom('topics').select('id').where('kind', '=', 'phrase');
  const row = await (
    topic.slug === undefined
      ? query.where('definition', '=', topic.definition)
      : query.where('slug', '=', topic.slug)
  ).executeTakeFirst();
  return row?.id;
}

/** Postgres has the last word on whether a definition can be looked for: `querytree` gives T when it would match everything. */
async function insertPhrase(
  db: Kysely<Database>,
  topic: { definition: string; name: string },
): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    insert into topics (kind, definition, name)
    select 'phrase', ${topic.definition}, ${topic.name}
    where querytree(websearch_to_tsquery('english', ${topic.definition})) not in ('', 'T')
    on conflict (kind, definition) do update set name = topics.name
    returning id
  `.execute(db);
  return rows[0]?.id;
}

/** The curated topics that may be chosen, in the order of the data file. */
export async function listTopics(db: Kysely<Database>): Promise<ListedTopic[]> {
  const rows = await db
    .selectFrom('topics')
    .select(['id', 'slug', 'name', 'description', 'definition'])
    .where('slug', 'is not', null)
    .where('retired_at', 'is', null)
    .execute();
  const order = new Map(curatedTopics.map((topic, place) => [topic.slug, place]));
  const placeOf = (topic: ListedTopic): number => order.get(topic.slug ?? '') ?? order.size;
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** Drops phrases that nobody follows and nobody still waits to confirm (RULES 24). Gives how many went. */
export async function dropUnfollowedTopics(db: Kysely<Database>): Promise<number> {
  return changeCatalogue(db, async (trx) => {
    const { numAffectedRows } = await sql`
      delete from topics t where slug is null and kind = 'phrase' and created_at < now() - interval '1 day'
        and not exists (select 1 from follows f where f.topic_id = t.id)
    `.execute(trx);
    const dropped = Number(numAffectedRows ?? 0n);
    if (dropped > 0) await bumpDataGeneration(trx);
    return dropped;
  });
}
