import { type Kysely, sql } from 'kysely';

import {
  type CuratedTopic,
  curatedTopics,
  definitionOf,
  findCurated,
  nameOfLike,
  type ParsedTopic,
  parseTopic,
  slugOf,
  type Topic,
  type TopicDefinition,
  topicKey,
} from '../domain/topic.ts';
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
 * left it are retired (their readers keep them, new papers no longer match). What an operator added, changed or retired
 * stays as it is; what readers typed before is taken up. Twice changes nothing.
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
      await sql`
        update topics set slug = ${slug} where kind = 'phrase' and definition = ${definition} and slug is null
          and not exists (select 1 from topics where slug = ${slug})
      `.execute(trx);
      const { numAffectedRows } = await sql`
        insert into topics as t (kind, definition, slug, name, description)
        select 'phrase', ${definition}, ${slug}, ${name}, ${description} where not exists (
          select 1 from topics where kind = 'phrase' and definition = ${definition} and slug is distinct from ${slug})
        on conflict (slug) do update set definition = excluded.definition, name = excluded.name,
          description = excluded.description, retired_at = null,
          matched_through = case when t.definition = excluded.definition and t.retired_at is null
            then t.matched_through else 0 end
        where t.operated_at is null and (t.definition, t.name, t.description, t.retired_at) is distinct from
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
      .where('operated_at', 'is', null)
      .executeTakeFirst();
    if (changed + Number(retired.numUpdatedRows) > 0) await bumpDataGeneration(trx);
    await matchTopics(trx);
  });
}

/**
 * The topic ids of what readers typed or chose (as `parseTopic` reads it: slugs, names, phrases, `author: Yann LeCun` …),
 * by the text as given. Topics never seen become rows and are matched with the newest papers at once. A text that is no
 * topic (RULES 24), or is to be like a paper that we do not have, is missing in the answer.
 */
export async function ensureTopics(
  db: Kysely<Database>,
  texts: readonly string[],
): Promise<Map<string, number>> {
  const read = await openTopicReader(db);
  const parsed = new Map<string, Topic>();
  for (const text of texts) {
    const topic = read(text);
    if (!('fault' in topic)) parsed.set(text, topic);
  }
  const topics = [...parsed.values()];
  return changeCatalogue(db, async (trx) => {
    let known = await readTopicIds(trx, topics);
    const missing = topics.filter((topic) => !known.has(topicKey(topic)));
    if (missing.length > 0) {
      // A curated topic is missing before the first sync: an import straight after the migration.
      if (missing.some((topic) => topic.slug !== undefined)) await syncCuratedTopics(trx);
      await insertTopics(trx, await nameLikes(trx, missing));
      known = await readTopicIds(trx, topics);
      await matchTopics(trx, [...known.values()]);
    }
    return new Map(
      [...parsed].flatMap(([text, topic]) => {
        const id = known.get(topicKey(topic));
        return id === undefined ? [] : [[text, id] as const];
      }),
    );
  });
}

/**
 * `parseTopic` with the topics that can be chosen by name as they are now: those that operators added or changed too, and
 * the one that another was merged into. One that was retired is words like any others.
 */
export async function openTopicReader(db: Kysely<Database>): Promise<(text: string) => ParsedTopic> {
  const { rows } = await sql<
    TopicDefinition & { from: string; named: string; slug: string; name: string; isLive: boolean }
  >`
    select t.slug "from", t.name named, o.kind, o.definition, o.slug, o.name, o.retired_at is null "isLive"
    from topics t join topics o on o.id = coalesce(t.merged_into, t.id)
    where t.slug is not null order by t.retired_at is not null, t.id
  `.execute(db);
  const bySlug = new Map<string, Topic | undefined>();
  for (const { from, named, isLive, ...topic } of rows) {
    for (const key of [from, slugOf(named)])
      if (!bySlug.has(key)) bySlug.set(key, isLive ? topic : undefined);
  }
  const find = (slug: string) => (bySlug.has(slug) ? bySlug.get(slug) : findCurated(slug));
  return (text) => parseTopic(text, find);
}

/** The topics that exist already and are matched, by `topicKey`. Reads only. */
export async function findTopicIds(
  db: Kysely<Database>,
  topics: readonly TopicDefinition[],
): Promise<Map<string, number>> {
  return readTopicIds(db, topics, sql`t.matched_through > 0`);
}

async function readTopicIds(
  db: Kysely<Database>,
  topics: readonly TopicDefinition[],
  where = sql<boolean>`true`,
): Promise<Map<string, number>> {
  const { rows } = await sql<TopicDefinition & { id: number }>`
    select t.id, t.kind, t.definition
    from unnest(${topics.map(({ kind }) => kind)}::text[], ${topics.map(({ definition }) => definition)}::text[])
      as wanted(kind, definition)
    join topics t on t.kind = wanted.kind and t.definition = wanted.definition where ${where}
  `.execute(db);
  return new Map(rows.map(({ id, ...topic }) => [topicKey(topic), id]));
}

/** Those "like this paper" take its title into their names; without the paper there is nothing to be like. */
async function nameLikes(db: Kysely<Database>, topics: readonly Topic[]): Promise<Topic[]> {
  const keys = topics.filter(({ kind }) => kind === 'like').map(({ definition }) => definition);
  if (keys.length === 0) return [...topics];
  const rows = await db.selectFrom('papers').select(['key', 'title']).where('key', 'in', keys).execute();
  const titles = new Map(rows.map(({ key, title }) => [key, title]));
  return topics.flatMap((topic) => {
    if (topic.kind !== 'like') return [topic];
    const title = titles.get(topic.definition);
    return title === undefined ? [] : [{ ...topic, name: nameOfLike(topic.definition, title) }];
  });
}

/** Postgres has the last word on what phrases can be looked for: `querytree` gives T where everything would match. */
async function insertTopics(db: Kysely<Database>, topics: readonly Topic[]): Promise<void> {
  await sql`
    insert into topics (kind, definition, name)
    select distinct on (kind, definition) kind, definition, name
    from unnest(${topics.map(({ kind }) => kind)}::text[], ${topics.map(({ definition }) => definition)}::text[],
      ${topics.map(({ name }) => name)}::text[]) as given(kind, definition, name)
    where kind <> 'phrase' or querytree(websearch_to_tsquery('english', definition)) not in ('', 'T')
    order by kind, definition, name
    on conflict (kind, definition) do nothing
  `.execute(db);
}

/** The topics that may be chosen by name: in the order of the data file, then those that operators added. */
export async function listTopics(db: Kysely<Database>): Promise<ListedTopic[]> {
  const rows = await db
    .selectFrom('topics')
    .select(['id', 'slug', 'name', 'description', 'definition'])
    .where('slug', 'is not', null)
    .where('retired_at', 'is', null)
    .orderBy('name')
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

/** Drops topics that readers typed and that nobody follows and nobody still waits to confirm (RULES 24). Gives how many went. */
export async function dropUnfollowedTopics(db: Kysely<Database>): Promise<number> {
  return changeCatalogue(db, async (trx) => {
    const { numAffectedRows } = await sql`
      delete from topics t where slug is null and created_at < now() - interval '1 day'
        and not exists (select 1 from follows f where f.topic_id = t.id)
    `.execute(trx);
    const dropped = Number(numAffectedRows ?? 0n);
    if (dropped > 0) await bumpDataGeneration(trx);
    return dropped;
  });
}
