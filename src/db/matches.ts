import { type Kysely, sql, type Transaction } from 'kysely';
import type { TopicDefinition, TopicKind } from '../domain/topic.ts';
import { bumpDataGeneration, changeCatalogue } from './catalogue.ts';
import { findFactMatches, isFactTopic, newestForFacts } from './fact-matches.ts';
import { type FoundMatch, replaceMatches } from './match-rows.ts';
import type { Database } from './schema.ts';
import { findOlder, isWordTopic, openWordMatching } from './word-matches.ts';

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
      await storeWordMatches(trx, topics, ids);
      await storeFactMatches(trx, topics, ids);
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
    const words = topics.filter(isWordTopic);
    if (words.length > 0) await storeWordMatches(trx, words, await findOlder(trx, words));
    const facts = topics.filter(isFactTopic);
    if (facts.length > 0) await storeFactMatches(trx, facts, await newestForFacts(trx));
    await sql`
      update topics set matched_through = coalesce((select max(id) from papers), 0)
      where id = any(${topics.map(({ id }) => id)})
    `.execute(trx);
    await bumpDataGeneration(trx);
  });
}

/**
 * What topics that do not exist yet would match among some papers; nothing is stored. `place` is the topic's place in
 * the list.
 */
export async function matchDefinitions(
  db: Kysely<Database>,
  definitions: readonly (TopicDefinition & { isCurated?: boolean })[],
  paperIds: readonly number[],
): Promise<(Omit<FoundMatch, 'topicId'> & { place: number })[]> {
  if (definitions.length === 0 || paperIds.length === 0) return [];
  const topics = definitions.map((topic, id) => ({ isCurated: false, ...topic, id }));
  const words = topics.filter(isWordTopic);
  const matchOne = words.length > 0 ? await openWordMatching(db, words, paperIds) : undefined;
  const found = [
    ...words.flatMap((_, n) => matchOne!(n)),
    ...(await findFactMatches(db, topics.filter(isFactTopic), paperIds)),
  ];
  return found.map(({ topicId, ...match }) => ({ place: topicId, ...match }));
}

interface LiveTopic extends TopicDefinition {
  id: number;
  kind: TopicKind;
  isCurated: boolean;
}

async function readTopics(trx: Kysely<Database>, where: ReturnType<typeof sql>): Promise<LiveTopic[]> {
  const { rows } = await sql<LiveTopic>`
    select id, kind, definition, slug is not null "isCurated" from topics
    where retired_at is null and ${where} order by id
  `.execute(trx);
  return rows;
}

async function storeWordMatches(
  trx: Transaction<Database>,
  among: readonly LiveTopic[],
  paperIds: readonly number[],
): Promise<void> {
  const topics = among.filter(isWordTopic);
  if (topics.length === 0) return;
  const matchOne = await openWordMatching(trx, topics, paperIds);
  let found: FoundMatch[] = [];
  let topicIds: number[] = [];
  for (const [n, { id }] of topics.entries()) {
    found.push(...matchOne(n));
    topicIds.push(id);
    if (found.length < rowsAtOnceMax && n < topics.length - 1) continue;
    await replaceMatches(trx, topicIds, paperIds, found);
    [found, topicIds] = [[], []];
  }
}

async function storeFactMatches(
  trx: Transaction<Database>,
  among: readonly LiveTopic[],
  paperIds: readonly number[],
): Promise<void> {
  const topics = among.filter(isFactTopic);
  for (let start = 0; start < topics.length; start += factTopicsAtOnceMax) {
    const some = topics.slice(start, start + factTopicsAtOnceMax);
    const found = await findFactMatches(trx, some, paperIds);
    await replaceMatches(
      trx,
      some.map(({ id }) => id),
      paperIds,
      found,
    );
  }
}

const rowsAtOnceMax = 50_000;
/** Each may have thousands of papers, as categories do. */
const factTopicsAtOnceMax = 500;
