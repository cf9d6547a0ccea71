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
  const parsed = new Map<string, Topic>();
  for (const text of texts) {
    const topic = parseTopic(text);
    if (!('fault' in topic)) parsed.set(text, topic);
  }
  const topics = [...parsed.values()];
  return changeCatalogue(db, async (trx) => {
    let known = await readTopicIds(trx, topics);
    const missing = topics.filter((topic) => !known.has(topic.definition));
    if (missing.length > 0) {
      // A curated topic is missing before the first sync: an import straight after the migration.
      if (missing.some((topic) => topic.slug !== undefined)) await syncCuratedTopics(trx);
      await insertPhrases(trx, missing);
      known = await readTopicIds(trx, topics);
      await matchTopics(trx, [...known.values()]);
    }
    return new Map(
      [...parsed].flatMap(([text, { definition }]) => {
        const id = known.get(definition);
        return id === undefined ? [] : [[text, id] as const];
      }),
    );
  });
}

/** The topics that exist already for these definitions. Reads only. */
export async function findTopicIds(
  db: Kysely<Database>,
  definitions: readonly string[],
): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: number; definition: string }>`
    select id, definition from topics where kind = 'phrase' and matched_through > 0
      and definition = any(${[...definitions]}::text[])
  `.execute(db);
  return new Map(rows.map(({ id, definition }) => [definition, id]));
}

async function readTopicIds(db: Kysely<Database>, topics: readonly Topic[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ id: number; definition: string }>`
    select id, definition from topics
    where kind = 'phrase' and definition = any(${topics.map(({ definition }) => definition)})
  `.execute(db);
  return new Map(rows.map(({ id, definition }) => [definition, id]));
}

/** Postgres has the last word on what can be looked for: `querytree` gives T where everything would match. */
async function insertPhrases(db: Kysely<Database>, topics: readonly Topic[]): Promise<void> {
  await sql`
    insert into topics (kind, definition, name)
    select distinct on (definition) 'phrase', definition, name
    from unnest(${topics.map(({ definition }) => definition)}::text[], ${topics.map(({ name }) => name)}::text[])
      as given(definition, name)
    where querytree(websearch_to_tsquery('english', definition)) not in ('', 'T')
    order by definition, name
    on conflict (kind, definition) do nothing
  `.execute(db);
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

/** A topic that may be chosen by its slug. */
export async function findOfferedTopic(
  db: Kysely<Database>,
  slug: string,
): Promise<{ id: number; name: string } | undefined> {
  return db
    .selectFrom('topics')
    .select(['id', 'name'])
    .where('slug', '=', slug)
    .where('retired_at', 'is', null)
    .executeTakeFirst();
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
