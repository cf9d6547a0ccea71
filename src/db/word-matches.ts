import { type Kysely, sql } from 'kysely';
import { demands, matchesOf } from '../domain/matching/relevance.ts';
import { scoreLike } from '../domain/matching/like-scores.ts';
import { type Phrase, scoreTopic, type TopicScores } from '../domain/matching/topic-scores.ts';
import type { TopicDefinition, TopicKind } from '../domain/topic.ts';
import type { FoundMatch } from './match-rows.ts';
import { type PaperCorpus, readPaperCorpus } from './paper-corpus.ts';
import type { Database } from './schema.ts';
import { readPhrases } from './topic-phrases.ts';

/** A topic that is met by words: a phrase, or "like this paper". */
export interface WordTopic extends TopicDefinition {
  id: number;
  kind: 'phrase' | 'like';
  isCurated: boolean;
}

export function isWordTopic<T extends { kind: TopicKind }>(
  topic: T,
): topic is T & { kind: WordTopic['kind'] } {
  return topic.kind === 'phrase' || topic.kind === 'like';
}

/** Reads what it takes to match topics with some papers. What it gives matches one topic, by its place, with all of them. */
export async function openWordMatching(
  db: Kysely<Database>,
  topics: readonly WordTopic[],
  paperIds: readonly number[],
): Promise<(place: number) => FoundMatch[]> {
  const phrases = await readPhrases(
    db,
    topics.map(({ kind, definition }) => (kind === 'phrase' ? definition : '')),
  );
  const seeds = await readSeeds(db, topics);
  const papers = await readPaperCorpus(db, paperIds, { alsoIds: [...seeds.values()] });
  const places = new Map(papers.ids.map((id, place) => [id, place]));
  return (place) => {
    const topic = topics[place]!;
    const seed = topic.kind === 'like' ? places.get(seeds.get(topic.definition) ?? -1) : undefined;
    return matchTopic(papers, topic, phrases[place]!, seed === undefined ? [] : [seed]);
  };
}

/** The papers that a topic matches among the corpus' targets. */
function matchTopic(
  papers: PaperCorpus,
  topic: WordTopic,
  phrases: readonly Phrase[],
  seeds: readonly number[],
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
  topic: WordTopic,
  phrases: readonly Phrase[],
  seeds: readonly number[],
): TopicScores {
  if (topic.kind === 'like') return scoreLike(corpus, learner, seeds, targets);
  return scoreTopic(corpus, vocabulary, learner, phrases);
}

function demandsOf({ kind, isCurated, definition }: WordTopic) {
  if (kind === 'like') return demands.like;
  if (isCurated) return demands.curated;
  return definition.includes('"') ? demands.exact : demands.typed;
}

/** The papers that topics of the kind "like this paper" name by their keys. */
async function readSeeds(db: Kysely<Database>, topics: readonly WordTopic[]): Promise<Map<string, number>> {
  const keys = topics.filter(({ kind }) => kind === 'like').map(({ definition }) => definition);
  if (keys.length === 0) return new Map();
  const { rows } = await sql<{ id: number; key: string }>`
    select id, key from papers where key = any(${keys}::text[])`.execute(db);
  return new Map(rows.map(({ id, key }) => [key, id]));
}

/** The newest papers, and those before them that have the words of one of these topics. */
export async function findOlder(db: Kysely<Database>, topics: readonly WordTopic[]): Promise<number[]> {
  const definitions = topics.filter(({ kind }) => kind === 'phrase').map(({ definition }) => definition);
  const { rows } = await sql<{ id: number }>`
    select p.id from unnest(${definitions}::text[]) definition
      join papers p on p.search @@ websearch_to_tsquery('english', definition)
    group by p.id order by p.id desc limit ${olderPapersMax}
  `.execute(db);
  const newest = await sql<{ id: number }>`
    select id from papers order by id desc limit ${newestPapersMax}`.execute(db);
  return [...new Set([...newest.rows, ...rows].map(({ id }) => id))];
}
const olderPapersMax = 10_000;
/** Those that any digest may still draw on, and more. */
const newestPapersMax = 5000;
