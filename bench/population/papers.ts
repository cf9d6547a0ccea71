import type { Kysely } from 'kysely';
import { upsertPapers } from '../../src/db/papers.ts';
import type { Database } from '../../src/db/schema.ts';
import { recordDayRead } from '../../src/db/source-days.ts';
import { addDays } from '../../src/domain/cadence.ts';
import type { PaperRecord } from '../../src/domain/paper.ts';
import { sampleSource } from '../../src/sources/sample.ts';
import { evalFolder, readArxivPapers } from '../eval/data.ts';
import { randomFrom } from '../eval/measures.ts';

export const papersPerDay = 300;
export const windowDays = 7;

type Known = Pick<PaperRecord, 'title' | 'abstract' | 'authors'> & { votes: number };

/** Stores the lists of the days before `date`: real papers where they are at hand, else the sample's, varied. */
export async function seedPapers(db: Kysely<Database>, date: string): Promise<string[]> {
  const known = evalFolder ? realPapers() : await variedPapers();
  for (let n = 0; n < windowDays; n++) {
    const day = addDays(date, n - windowDays);
    const records = known.slice(n * papersPerDay, (n + 1) * papersPerDay).map((paper, place) => ({
      ...paper,
      key: `arxiv:26${String(n + 1).padStart(2, '0')}.${String(place).padStart(5, '0')}`,
      url: `https://arxiv.org/abs/26${String(n + 1).padStart(2, '0')}.${String(place).padStart(5, '0')}`,
      publishedAt: new Date(`${day}T00:00:00Z`),
      listedOn: day,
    }));
    const readAt = new Date(`${addDays(day, 1)}T01:00:00Z`);
    await upsertPapers(db, 'huggingface', records, readAt);
    await recordDayRead(db, { source: 'huggingface', day, state: 'complete', readAt });
  }
  return known.map(({ title }) => title);
}

/** The newest papers of arXiv's recorded listings. Votes they have none, so they get some: few many, most few. */
function realPapers(): Known[] {
  const random = randomFrom(11);
  return readArxivPapers()
    .slice(-windowDays * papersPerDay)
    .map(({ title, abstract, authors }) => ({
      title,
      abstract,
      authors: authors.slice(0, 100),
      votes: Math.floor(1 / (random() + 0.004)),
    }));
}

/** The sample edition's papers again and again, each time with the words of two titles. */
async function variedPapers(): Promise<Known[]> {
  const random = randomFrom(11);
  const { papers } = await sampleSource().read('2026-01-01', {} as never);
  return Array.from({ length: windowDays * papersPerDay }, (_, n) => {
    const [one, other] = [papers[n % papers.length]!, papers[Math.floor(random() * papers.length)]!];
    const words = `${one.title} ${other.title}`.split(' ').filter(() => random() < 0.6);
    return {
      title: words.join(' '),
      abstract: `${one.summary ?? one.abstract ?? ''} ${other.summary ?? other.abstract ?? ''}`,
      authors: [`Author ${Math.floor(random() * 4000)}`, `Author ${Math.floor(random() * 4000)}`],
      votes: Math.floor(1 / (random() + 0.004)),
    };
  });
}
