/**
 * `npm run bench:matching`: how long 1,000 new papers take against 10,000 topics, on the papers of the evaluation or,
 * where those are absent, on made-up ones. Prints one line.
 */
import { cpus } from 'node:os';
import { sql } from 'kysely';
import { matchPapers, matchTopics } from '../src/db/matches.ts';
import { syncCuratedTopics } from '../src/db/topics.ts';
import { evalFolder, readArxivPapers } from './eval/data.ts';
import { storePapers, withScratchDatabase } from './eval/database.ts';
import { randomFrom } from './eval/measures.ts';
import { madeUpPapers } from './made-up-papers.ts';

const topicsWanted = 10_000;
const known = 3000;
const fresh = 1000;

const papers = evalFolder ? readArxivPapers() : madeUpPapers(known + fresh);
await withScratchDatabase(async (db) => {
  const titles = papers.map(({ title }) => title);
  await storePapers(db, papers.slice(0, known));
  await syncCuratedTopics(db);
  const definitions = phrasesFrom(titles, topicsWanted);
  await sql`insert into topics (kind, definition, name)
    select 'phrase', d, d from unnest(${definitions}::text[]) d on conflict do nothing`.execute(db);
  const firstMs = await timed(() => matchTopics(db));
  const ids = await storePapers(db, papers.slice(known, known + fresh));
  const ms = await timed(() => matchPapers(db, ids));
  const { rows } = await sql<{ topics: number; matches: number }>`
    select (select count(*)::int from topics) topics, count(*)::int matches from matches where paper_id = any(${ids}::int[])
  `.execute(db);
  const { topics, matches } = rows[0]!;
  process.stdout.write(
    `${fresh} new papers × ${topics} topics: ${seconds(ms)} (${matches} matches; ${cpus().length} cores); ` +
      `${topics} new topics × ${known} papers: ${seconds(firstMs)}\n`,
  );
});

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** What readers might type: one to three neighbouring words of titles. */
function phrasesFrom(titles: readonly string[], count: number): string[] {
  const random = randomFrom(7);
  const phrases = new Set<string>();
  while (phrases.size < count) {
    const words = titles[Math.floor(random() * titles.length)]!.toLowerCase().match(/[a-z]{4,}/g) ?? [];
    const from = Math.floor(random() * words.length);
    const phrase = words.slice(from, from + 1 + Math.floor(random() * 3)).join(' ');
    if (phrase !== '') phrases.add(phrase);
  }
  return [...phrases];
}
