import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Kysely, sql } from 'kysely';
import { matchPapers } from '../../src/db/matches.ts';
import { upsertPapers } from '../../src/db/papers.ts';
import type { Database } from '../../src/db/schema.ts';
import { recordDayRead } from '../../src/db/source-days.ts';
import { ensureTopics, syncCuratedTopics } from '../../src/db/topics.ts';
import { addDays } from '../../src/domain/cadence.ts';
import { selectPapers } from '../../src/pipeline/selection.ts';
import { openEditionIndexes } from '../../src/pipeline/edition-index.ts';
import { readPaperFile } from '../../src/sources/file.ts';

/** Twenty made-up readers, and which papers of four real lists they would have wanted: judged before any was chosen. */
interface Judgements {
  lists: string[];
  edition: string;
  readers: { reader: string; topics: string[]; relevant: string[] }[];
}

export const judgements = JSON.parse(
  readFileSync(new URL('judgements.json', import.meta.url), 'utf8'),
) as Judgements;

const lists = fileURLToPath(new URL('../../../shared/data/hf-daily-papers/raw', import.meta.url));
export const hasJudgedLists: boolean = existsSync(lists);

export interface JudgedDigest {
  reader: string;
  topics: string[];
  chosen: { key: string; title: string; isRelevant: boolean }[];
  /** Of the first five, or of all where there are fewer. */
  precision5: number;
  /** The relevant papers there were. */
  relevant: number;
}

/** The digests those readers would have got on that date, by the product's own path from file to choice. */
export async function runDigests(db: Kysely<Database>): Promise<JudgedDigest[]> {
  await syncCuratedTopics(db);
  const topicIds = await ensureTopics(
    db,
    judgements.readers.flatMap(({ topics }) => topics),
  );
  for (const day of judgements.lists) {
    const readAt = new Date(`${addDays(day, 1)}T01:00:00Z`);
    const { papers } = await readPaperFile(`${lists}/${day}.json`, { date: day, today: addDays(day, 1) });
    const { changedIds } = await upsertPapers(db, 'huggingface', papers, readAt);
    await matchPapers(db, changedIds);
    await recordDayRead(db, { source: 'huggingface', day, state: 'complete', readAt });
  }
  const { index } = await openEditionIndexes(db).at(new Date(`${judgements.edition}T07:00:00Z`));
  const { rows } = await sql<{
    id: number;
    key: string;
    title: string;
  }>`select id, key, title from papers`.execute(db);
  const papers = new Map(rows.map((row) => [row.id, row]));
  return judgements.readers.map(({ reader, topics, relevant }) => {
    const followed = topics.map((text) => ({ topicId: topicIds.get(text)!, name: text, weight: 1 }));
    const chosen = selectPapers({ topics: followed, refused: [], maxPapers: 7 }, index, []).map(
      ({ paperId }) => {
        const { key, title } = papers.get(paperId)!;
        return { key, title, isRelevant: relevant.includes(key.replace('arxiv:', '')) };
      },
    );
    const first = chosen.slice(0, 5);
    const precision5 = first.filter(({ isRelevant }) => isRelevant).length / (first.length || 1);
    return { reader, topics, chosen, precision5, relevant: relevant.length };
  });
}
