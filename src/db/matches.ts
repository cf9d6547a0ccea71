import { type Kysely, sql, type Transaction } from 'kysely';
import { demands, matchesOf } from '../domain/matching/relevance.ts';
import { type Phrase, scoreLike, scoreTopic, type TopicScores } from '../domain/matching/topic-scores.ts';
import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import { type PaperCorpus, readPaperCorpus } from './paper-corpus.ts';
import type { Database } from './schema.ts';
import { readPhrases } from './topic-phrases.ts';

/**
 * Matches papers that are new or changed with all live topics: in sets, never per subscriber.
 * Doing it twice changes nothing; a paper that no longer meets a topic loses its match.
 */
export async function matchPapers(db: Kysely<Database>, paperIds: readonly number[]): Promise<void> {
  if (paperIds.length === 0) return;
  await changeCatalogue(db, async (trx) => {
    const topics = await readTopics(trx, sql`true`);
    for (let start = 0; start < paperIds.length; start += papersAtOnceMax) {
      const ids = paperIds.slice(start, start + papersAtOnceMax);
      await storeMatches(trx, topics, await readPaperCorpus(trx, ids));
    }
    await bumpDataGeneration(trx);
  });
}
const papersAtOnceMax = 5000;

/**
 * Matches topics with the papers stored: the newest, and older ones that have their words. Topics matched before are
 * left alone, so that it may be called for all topics of a reader; without ids it takes every live topic that never was.
 */
export async function matchTopics(db: Kysely<Database>, topicIds?: readonly number[]): Promise<void> {
  if (topicIds?.length === 0) return;
  await changeCatalogue(db, async (trx) => {
    const which = topicIds === undefined ? sql`true` : sql`id = any(${[...topicIds]})`;
    const topics = await readTopics(trx, sql`matched_through = 0 and ${which}`);
    if (topics.length === 0) return;
    const ids = topics.map(({ id }) => id);
    const older = await findOlder(trx, topics);
    await storeMatches(trx, topics, await readPaperCorpus(trx, older));
    await sql`
      update topics set matched_through = coalesce((select max(id) from papers), 0) where id = any(${ids})
    `.execute(trx);
    await bumpDataGeneration(trx);
  });
}

/**
 * What definitions that are no topics yet would match among some papers; nothing is stored. `place` is the definition's
 * place in the list.
 */
export async function matchDefinitions(
  db: Kysely<Database>,
  definitions: readonly string[],
  paperIds: readonly number[],
): Promise<{ place: number; paperId: number; relevance: number; inTitle: boolean }[]> {
  if (definitions.length === 0 || paperIds.length === 0) return [];
  const papers = await readPaperCorpus(db, paperIds);
  const phrases = await readPhrases(db, definitions);
  return definitions.flatMap((definition, place) => {
    const topic: LiveTopic = { id: 0, kind: 'phrase', definition, isCurated: false };
    const found = matchTopic(papers, topic, phrases[place]!);
    return found.map(({ paperId, relevance, inTitle }) => ({ place, paperId, relevance, inTitle }));
  });
}

export interface LiveTopic {
  id: number;
  kind: 'phrase' | 'like';
  definition: string;
  isCurated: boolean;
}

async function readTopics(trx: Kysely<Database>, where: ReturnType<typeof sql>): Promise<LiveTopic[]> {
  const { rows } = await sql<LiveTopic>`
    select id, kind, definition, slug is not null "isCurated" from topics
    where kind in ('phrase', 'like') and retired_at is null and ${where} order by id
  `.execute(trx);
  return rows;
}

/** The newest papers, and those before them that have the words of one of these topics. */
async function findOlder(trx: Kysely<Database>, topics: readonly LiveTopic[]): Promise<number[]> {
  const definitions = topics.filter(({ kind }) => kind === 'phrase').map(({ definition }) => definition);
  const { rows } = await sql<{ id: number }>`
    select p.id from unnest(${definitions}::text[]) definition
      join papers p on p.search @@ websearch_to_tsquery('english', definition)
    group by p.id order by p.id desc limit ${olderPapersMax}
  `.execute(trx);
  const newest = await sql<{ id: number }>`
    select id from papers order by id desc limit ${newestPapersMax}`.execute(trx);
  return [...new Set([...newest.rows, ...rows].map(({ id }) => id))];
}
const olderPapersMax = 10_000;
/** Those that any digest may still draw on, and more. */
const newestPapersMax = 5000;

interface FoundMatch {
  topicId: number;
  paperId: number;
  relevance: number;
  inTitle: boolean;
  phrase: string | null;
}

/** Writes what the topics match among the corpus' targets, in place of what they matched there before. */
async function storeMatches(
  trx: Transaction<Database>,
  topics: readonly LiveTopic[],
  papers: PaperCorpus,
): Promise<void> {
  const phrases = await readPhrases(
    trx,
    topics.map(({ kind, definition }) => (kind === 'phrase' ? definition : '')),
  );
  const seeds = await readSeeds(trx, topics, papers);
  const targetIds = [...papers.targets].map((place) => papers.ids[place]!);
  let found: FoundMatch[] = [];
  let topicIds: number[] = [];
  for (const [n, topic] of topics.entries()) {
    found.push(...matchTopic(papers, topic, phrases[n]!, seeds.get(topic.id)));
    topicIds.push(topic.id);
    if (found.length < rowsAtOnceMax && n < topics.length - 1) continue;
    await replaceMatches(trx, topicIds, targetIds, found);
    [found, topicIds] = [[], []];
  }
}
const rowsAtOnceMax = 50_000;

/** The papers that a topic matches among the corpus' targets. */
function matchTopic(
  papers: PaperCorpus,
  topic: LiveTopic,
  phrases: readonly Phrase[],
  seeds: readonly number[] = [],
): FoundMatch[] {
  const scores = scoresOf(papers, topic, phrases, seeds);
  const isSeed = new Set(seeds);
  return matchesOf(scores, papers.targets, demandsOf(topic)).flatMap((match) =>
    isSeed.has(match.paper)
      ? []
      : {
          topicId: topic.id,
          paperId: papers.ids[match.paper]!,
          relevance: match.relevance,
          inTitle: match.inTitle,
          phrase: phrases[match.phrase]?.text ?? null,
        },
  );
}

function scoresOf(
  { corpus, vocabulary, learner, targets }: PaperCorpus,
  topic: LiveTopic,
  phrases: readonly Phrase[],
  seeds: readonly number[],
): TopicScores {
  if (topic.kind === 'like') return scoreLike(corpus, learner, seeds, targets);
  return scoreTopic(corpus, vocabulary, learner, phrases, targets);
}

function demandsOf({ kind, isCurated, definition }: LiveTopic) {
  if (kind === 'like') return demands.like;
  if (isCurated) return demands.curated;
  return definition.includes('"') ? demands.exact : demands.typed;
}

/** The places of the papers that topics of the kind "like this paper" name by their keys. */
async function readSeeds(
  trx: Kysely<Database>,
  topics: readonly LiveTopic[],
  { ids }: PaperCorpus,
): Promise<Map<number, number[]>> {
  const likes = topics.filter(({ kind }) => kind === 'like');
  if (likes.length === 0) return new Map();
  const keys = new Set(likes.flatMap(({ definition }) => definition.split(' ')));
  const { rows } = await sql<{ id: number; key: string }>`
    select id, key from papers where key = any(${[...keys]}::text[])`.execute(trx);
  const places = new Map(ids.map((id, place) => [id, place]));
  const placeOf = new Map(rows.map(({ id, key }) => [key, places.get(id)]));
  return new Map(
    likes.map(({ id, definition }) => [
      id,
      definition
        .split(' ')
        .map((key) => placeOf.get(key))
        .filter((place) => place !== undefined),
    ]),
  );
}

async function replaceMatches(
  trx: Transaction<Database>,
  topicIds: readonly number[],
  paperIds: readonly number[],
  found: readonly FoundMatch[],
): Promise<void> {
  await sql`
    with found as (
      select * from unnest(${found.map((row) => row.topicId)}::int[], ${found.map((row) => row.paperId)}::int[],
        ${found.map((row) => row.relevance)}::real[], ${found.map((row) => row.inTitle)}::boolean[],
        ${found.map((row) => row.phrase)}::text[]) as f(topic_id, paper_id, relevance, in_title, phrase)),
    gone as (
      delete from matches m where m.paper_id = any(${[...paperIds]}::int[]) and m.topic_id = any(${[...topicIds]}::int[])
        and not exists (select 1 from found where found.topic_id = m.topic_id and found.paper_id = m.paper_id))
    insert into matches as m (topic_id, paper_id, relevance, in_title, phrase)
    select topic_id, paper_id, relevance, in_title, phrase from found
    on conflict (topic_id, paper_id) do update
      set relevance = excluded.relevance, in_title = excluded.in_title, phrase = excluded.phrase
      where (m.relevance, m.in_title, m.phrase) is distinct from
        (excluded.relevance, excluded.in_title, excluded.phrase)
  `.execute(trx);
}
