import { type Kysely, sql } from 'kysely';
import { type Corpus, openCorpus } from '../domain/matching/corpus.ts';
import { type Learner, openLearner } from '../domain/matching/profile.ts';
import { openVocabulary, readTerms, type Vocabulary } from '../domain/matching/terms.ts';
import type { Database } from './schema.ts';

/** Stored papers ready for matching: the newest, to learn from, and those to be matched. */
export interface PaperCorpus {
  corpus: Corpus;
  vocabulary: Vocabulary;
  learner: Learner;
  /** By place in the corpus. */
  ids: readonly number[];
  /** The places of the papers to be matched. */
  targets: Int32Array;
}

/** Some weeks of arXiv's computer science, some months of Hugging Face. More takes longer and teaches little more. */
export const papersLearnedMax = 3000;

/**
 * Reads the newest papers, the targets, and others that topics point to, in the order of their ids. `targetIds` left out:
 * the newest are the targets.
 */
export async function readPaperCorpus(
  db: Kysely<Database>,
  targetIds?: readonly number[],
  { learnedMax = papersLearnedMax, alsoIds = [] }: { learnedMax?: number; alsoIds?: readonly number[] } = {},
): Promise<PaperCorpus> {
  const { rows } = await sql<{ id: number; search: string; isNewest: boolean }>`
    with newest as (select id from papers order by id desc limit ${learnedMax})
    select id, search::text search, id in (select id from newest) "isNewest" from papers
    where id in (select id from newest) or id = any(${[...(targetIds ?? []), ...alsoIds]}::int[])
    order by "isNewest" desc, id
  `.execute(db);
  const vocabulary = openVocabulary();
  const papers = rows.map(({ search }) => readTerms(search, vocabulary));
  const corpus = openCorpus(papers, rows.filter(({ isNewest }) => isNewest).length, vocabulary.size);
  const wanted = targetIds && new Set(targetIds);
  const places = [...rows.keys()].filter((place) => !wanted || wanted.has(rows[place]!.id));
  return {
    corpus,
    vocabulary,
    learner: openLearner(corpus),
    ids: rows.map(({ id }) => id),
    targets: Int32Array.from(places),
  };
}
