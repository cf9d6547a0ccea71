/**
 * What operators do to topics. Each is one transaction under the catalogue's lock, with its line in the log: nothing of
 * it happens by halves, and matches are made anew in sets before anybody sees the topic changed.
 */
import { type Kysely, sql, type Transaction } from 'kysely';
import { findCurated } from '../domain/topic.ts';
import type { TopicWords } from '../domain/topic-form.ts';
import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import { matchTopics } from './matches.ts';
import { type Operator, recordAction } from './operator-actions.ts';
import type { Database } from './schema.ts';
import { syncCuratedTopics } from './topics.ts';

/** The topic's id, or why it was left as it was. */
export type TopicEdit = { id: number } | { fault: string };

/** Adds a topic that readers can choose by name. A phrase that readers typed in just these words is taken up, with its readers. */
export async function addTopic(
  db: Kysely<Database>,
  words: TopicWords,
  operator: Operator,
): Promise<TopicEdit> {
  return changeCatalogue(db, async (trx) => {
    const other = await findOther(trx, words);
    if (other) return { fault: other };
    const { rows } = await sql<{ id: number }>`
      insert into topics (kind, definition, slug, name, description, operated_at)
      values ('phrase', ${words.definition}, ${words.slug}, ${words.name}, ${words.description}, now())
      on conflict (kind, definition) do update set slug = excluded.slug, name = excluded.name,
        description = excluded.description, operated_at = now(), retired_at = null, matched_through = 0
      returning id
    `.execute(trx);
    const { id } = rows[0]!;
    await settle(trx, id, { operator, action: 'added a topic', subject: words.slug });
    return { id };
  });
}

/** Changes a topic's words. Its slug stays, because links and forms name it; its matches are made anew. */
export async function editTopic(
  db: Kysely<Database>,
  id: number,
  words: TopicWords,
  operator: Operator,
): Promise<TopicEdit> {
  return changeCatalogue(db, async (trx) => {
    const topic = await readOwn(trx, id);
    if (!topic) return { fault: 'Only a topic that can be chosen by name can be changed.' };
    const other = await findOther(trx, words, id);
    if (other) return { fault: other };
    await sql`update topics set name = ${words.name}, description = ${words.description},
      definition = ${words.definition}, operated_at = now() where id = ${id}`.execute(trx);
    await settle(trx, id, { operator, action: 'changed a topic', subject: topic.slug });
    return { id };
  });
}

/** New papers no longer match it, and nobody can choose it any more; or all of that again. Its readers keep it. */
export async function setRetired(
  db: Kysely<Database>,
  id: number,
  isRetired: boolean,
  operator: Operator,
): Promise<TopicEdit> {
  return changeCatalogue(db, async (trx) => {
    const topic = await readOwn(trx, id);
    if (!topic) return { fault: 'Only a topic that can be chosen by name can be retired.' };
    if ((topic.retiredAt !== null) === isRetired) return { id };
    await sql`update topics set operated_at = now(), merged_into = null,
      retired_at = case when ${isRetired} then now() end where id = ${id}`.execute(trx);
    const action = isRetired ? 'retired a topic' : 'brought a topic back';
    await settle(trx, id, { operator, action, subject: topic.slug });
    return { id };
  });
}

/**
 * Makes the readers of one topic those of another. Who said something of the other already keeps that word. A topic that
 * can be chosen by name stays as a sign to the other; one that readers typed goes. With `takesPhrases` the other looks for
 * its phrases too.
 */
export async function mergeTopics(
  db: Kysely<Database>,
  merge: { from: number; into: number; takesPhrases: boolean },
  operator: Operator,
): Promise<TopicEdit> {
  const { from, into, takesPhrases } = merge;
  return changeCatalogue(db, async (trx) => {
    const source = await readAny(trx, from);
    const target = await readOwn(trx, into);
    if (!source || !target || target.retiredAt || from === into) {
      return { fault: 'It can only be merged into another topic that can be chosen by name.' };
    }
    if (await isAnnouncedTo(trx, from)) {
      return {
        fault: 'An announcement to its readers is under way. Merge it when that is over, or stop that.',
      };
    }
    await sql`insert into follows (subscriber_id, topic_id, mode)
      select subscriber_id, ${into}, mode from follows where topic_id = ${from}
      on conflict (subscriber_id, topic_id) do nothing`.execute(trx);
    await sql`delete from follows where topic_id = ${from}`.execute(trx);
    if (source.slug === null) await sql`delete from topics where id = ${from}`.execute(trx);
    else {
      await sql`update topics set merged_into = ${into}, retired_at = coalesce(retired_at, now()),
        operated_at = now() where id = ${from} or merged_into = ${from}`.execute(trx);
    }
    if (takesPhrases && source.kind === 'phrase' && target.kind === 'phrase') {
      const definition = `${target.definition} or ${source.definition}`;
      await sql`update topics set definition = ${definition}, operated_at = now() where id = ${into}`.execute(
        trx,
      );
    }
    const subject = `${source.slug ?? `topic ${from}`} into ${target.slug}`;
    await settle(trx, into, { operator, action: 'merged a topic', subject });
    return { id: into };
  });
}

/** Takes an operator's word on a topic of the data file back: it says what the file says, now and after each upgrade. */
export async function returnToFile(db: Kysely<Database>, id: number, operator: Operator): Promise<TopicEdit> {
  return changeCatalogue(db, async (trx) => {
    const topic = await readOwn(trx, id);
    if (!topic || !findCurated(topic.slug)) return { fault: 'The data file has no such topic.' };
    await sql`update topics set operated_at = null, merged_into = null where id = ${id}`.execute(trx);
    await syncCuratedTopics(trx);
    await settle(trx, id, { operator, action: 'gave a topic back to the file', subject: topic.slug });
    return { id };
  });
}

/** Who would be touched: those who follow it, and those of them who follow nothing else that still brings papers. */
export async function countFollowers(
  db: Kysely<Database>,
  id: number,
): Promise<{ followers: number; alone: number; muted: number }> {
  const { rows } = await sql<{ followers: number; alone: number; muted: number }>`
    select count(*) filter (where f.mode <> 'mute')::int followers, count(*) filter (where f.mode = 'mute')::int muted,
      count(*) filter (where f.mode <> 'mute' and not exists (
        select 1 from follows o join topics t on t.id = o.topic_id and t.retired_at is null
        where o.subscriber_id = f.subscriber_id and o.topic_id <> f.topic_id and o.mode <> 'mute'))::int alone
    from follows f join subscribers s on s.id = f.subscriber_id and s.status = 'active' where f.topic_id = ${id}
  `.execute(db);
  return rows[0]!;
}

interface TopicRow {
  id: number;
  kind: string;
  slug: string | null;
  definition: string;
  retiredAt: Date | null;
}

async function readAny(trx: Transaction<Database>, id: number): Promise<TopicRow | undefined> {
  return trx
    .selectFrom('topics')
    .select(['id', 'kind', 'slug', 'definition', 'retired_at as retiredAt'])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** A topic that can be chosen by name, or could. */
async function readOwn(
  trx: Transaction<Database>,
  id: number,
): Promise<(TopicRow & { slug: string }) | undefined> {
  const topic = await readAny(trx, id);
  return topic && topic.slug !== null ? { ...topic, slug: topic.slug } : undefined;
}

/** Why these words cannot be a topic beside the others: one has the name, or looks for just the same. */
async function findOther(
  trx: Transaction<Database>,
  words: TopicWords,
  id?: number,
): Promise<string | undefined> {
  const { rows } = await sql<{ name: string; hasName: boolean; isTyped: boolean }>`
    select name, slug = ${words.slug} or lower(name) = lower(${words.name}) "hasName", slug is null "isTyped"
    from topics where id <> ${id ?? 0} and kind = 'phrase' and (definition = ${words.definition}
      or slug is not null and (slug = ${words.slug} or lower(name) = lower(${words.name})))
    order by 2 desc limit 1
  `.execute(trx);
  const other = rows[0];
  // A phrase of readers is taken up by a new topic; one that exists would have to be merged with it.
  if (!other || (other.isTyped && id === undefined)) return undefined;
  if (other.hasName && !other.isTyped) return `There is a topic of that name already, “${other.name}”.`;
  return `The topic “${other.name}” looks for just the same. Merge the two.`;
}

async function isAnnouncedTo(trx: Transaction<Database>, topicId: number): Promise<boolean> {
  const { rows } = await sql`
    select 1 from announcements where topic_id = ${topicId} and started_at is not null
      and closed_at is null and stopped_at is null limit 1`.execute(trx);
  return rows.length > 0;
}

/** Forgets what the topic matched, matches it anew unless it is retired, and writes down who did it. */
async function settle(
  trx: Transaction<Database>,
  id: number,
  action: { operator: Operator; action: string; subject: string },
): Promise<void> {
  await sql`delete from matches m using topics t where t.id = m.topic_id and t.id = ${id} and t.retired_at is null`.execute(
    trx,
  );
  await sql`update topics set matched_through = 0 where id = ${id}`.execute(trx);
  await matchTopics(trx, [id]);
  await recordAction(trx, action);
  await bumpDataGeneration(trx);
}
