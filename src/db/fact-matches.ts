import { type Kysely, sql } from 'kysely';
import { type FactKind, matchFacts, type PaperFacts } from '../domain/matching/facts.ts';
import type { TopicDefinition, TopicKind } from '../domain/topic.ts';
import { partsOfDefinition } from '../domain/topic-notation.ts';
import type { FoundMatch } from './match-rows.ts';
import type { Database } from './schema.ts';

export interface FactDefinition extends TopicDefinition {
  id: number;
  kind: FactKind;
}

/** Whether a topic is met by what a paper says of itself (its authors, its organisation, its categories), not by words. */
export function isFactTopic<T extends { kind: TopicKind }>(topic: T): topic is T & { kind: FactKind } {
  return topic.kind === 'author' || topic.kind === 'organization' || topic.kind === 'category';
}

/** What topics of these kinds match among some papers, all of them in one reading; nothing is stored. */
export async function findFactMatches(
  db: Kysely<Database>,
  topics: readonly FactDefinition[],
  paperIds: readonly number[],
): Promise<FoundMatch[]> {
  if (topics.length === 0 || paperIds.length === 0) return [];
  const { rows } = await sql<PaperFacts>`
    select id, authors, organization, categories from papers where id = any(${[...paperIds]}::int[]) order by id
  `.execute(db);
  const parts = topics.map(({ definition }) => partsOfDefinition(definition));
  const met = matchFacts(
    topics.map(({ kind }, n) => ({ kind, core: parts[n]!.core })),
    rows,
  );
  const found = met.flatMap((matches, n) => matches.map((match) => ({ n, ...match })));
  const ruledOut = await readRuledOut(
    db,
    found.filter(({ n }) => parts[n]!.leftOut !== '').map(({ n, paperId }) => [parts[n]!.leftOut, paperId]),
  );
  return found
    .filter(({ n, paperId }) => !ruledOut.has(`${paperId} ${parts[n]!.leftOut}`))
    .map(({ n, ...match }) => ({ topicId: topics[n]!.id, inTitle: false, ...match }));
}

/** Of pairs of words to leave out and papers, those where the paper has one of the words. */
async function readRuledOut(
  db: Kysely<Database>,
  pairs: readonly (readonly [leftOut: string, paperId: number])[],
): Promise<Set<string>> {
  if (pairs.length === 0) return new Set();
  const { rows } = await sql<{ leftOut: string; id: number }>`
    select left_out "leftOut", p.id
    from unnest(${pairs.map(([leftOut]) => leftOut)}::text[], ${pairs.map(([, id]) => id)}::int[])
      as pair(left_out, paper_id)
    join papers p on p.id = paper_id
    where numnode(websearch_to_tsquery('english', left_out)) > 0
      and not p.search @@ websearch_to_tsquery('english', left_out)
  `.execute(db);
  return new Set(rows.map(({ leftOut, id }) => `${id} ${leftOut}`));
}

/** The papers that a new topic of these kinds is matched with: more than two weeks of all of arXiv. */
export async function newestForFacts(db: Kysely<Database>): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    select id from papers order by id desc limit ${factPapersMax}`.execute(db);
  return rows.map(({ id }) => id);
}
const factPapersMax = 15_000;
