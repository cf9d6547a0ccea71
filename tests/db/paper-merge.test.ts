import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { upsertPapers, withdrawPapers } from '../../src/db/papers.ts';
import type { PaperRecord } from '../../src/domain/paper.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const key = 'arxiv:2609.00001';
const at = (n: number): Date => new Date(Date.UTC(2026, 8, 24, 5, n));

interface Telling {
  source: string;
  record: PaperRecord;
  readAt: Date;
}

const base = { key, url: 'https://arxiv.org/abs/2609.00001', pdfUrl: 'https://arxiv.org/pdf/2609.00001' };
const huggingface = (over: Partial<PaperRecord> = {}): PaperRecord => ({
  ...base,
  title: 'A title, rewritten',
  abstract: 'Words, rewritten.',
  authors: ['Ada', 'Grace'],
  authorsCount: 2,
  publishedAt: new Date('2026-09-22T00:00:00Z'),
  listedOn: '2026-09-25',
  votes: 5,
  comments: 1,
  codeStars: 10,
  summary: 'Short.',
  keywords: ['learning'],
  organization: 'ETH',
  codeUrl: 'https://github.com/a/b',
  projectUrl: 'https://example.org/p',
  thumbnailUrl: 'https://cdn-thumbnails.huggingface.co/x.png',
  ...over,
});
const feed = (version: number, over: Partial<PaperRecord> = {}): PaperRecord => ({
  ...base,
  version,
  title: `A $title$ of version ${version}`,
  abstract: `Words of version ${version}.`,
  authors: ['Ada Lovelace', `Feed ${version}`],
  authorsCount: 2,
  categories: ['cs.LG', 'cs.CV'],
  listedOn: '2026-09-24',
  authority: 'feed',
  ...(version > 1 && { isUnlisted: true, listedOn: '2026-09-26' }),
  ...over,
});
const apiRecord = (version: number, over: Partial<PaperRecord> = {}): PaperRecord => ({
  ...feed(version),
  authors: ['Ada Lovelace', `Record ${version}`],
  categories: ['cs.CV', 'cs.LG'],
  publishedAt: new Date('2026-09-22T17:00:00Z'),
  authority: 'record',
  isUnlisted: true,
  ...over,
});

const fresh = () => database.db.deleteFrom('papers').execute();
const tell = ({ source, record, readAt }: Telling) => upsertPapers(database.db, source, [record], readAt);
/** What of the row is not a matter of when it came. */
async function row() {
  const stored = await database.db
    .selectFrom('papers')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
  const {
    id: _,
    revision: _r,
    created_at: _c,
    updated_at: _u,
    text_read_at: _t,
    facts_read_at: _f,
    ...rest
  } = stored;
  return {
    ...rest,
    withdrawn_at: rest.withdrawn_at !== null,
    content_sha256: rest.withdrawn_at ? '' : rest.content_sha256.toString('hex'),
  };
}
async function outcome(tellings: Telling[]) {
  await fresh();
  for (const [place, telling] of tellings.entries()) await tell({ ...telling, readAt: at(place) });
  return row();
}

describe('a paper that several sources tell of', () => {
  test('has the text and categories of arXiv, and the votes and links of Hugging Face', async () => {
    const merged = await outcome([
      { source: 'huggingface', record: huggingface(), readAt: at(0) },
      { source: 'arxiv:cs.LG', record: feed(1), readAt: at(1) },
      { source: 'huggingface', record: huggingface({ votes: 9 }), readAt: at(2) },
    ]);
    expect(merged).toMatchObject({
      title: 'A $title$ of version 1',
      abstract: 'Words of version 1.',
      authors: ['Ada Lovelace', 'Feed 1'],
      categories: ['cs.LG', 'cs.CV'],
      version: 1,
      votes: 9,
      comments: 1,
      code_stars: 10,
      code_url: 'https://github.com/a/b',
      thumbnail_url: 'https://cdn-thumbnails.huggingface.co/x.png',
      organization: 'ETH',
      summary: 'Short.',
      keywords: ['learning'],
      first_listed_on: '2026-09-24',
    });
    const listings = await database.db
      .selectFrom('listings')
      .select(['source', 'listed_on'])
      .orderBy('source')
      .execute();
    expect(listings).toEqual([
      { source: 'arxiv:cs.LG', listed_on: '2026-09-24' },
      { source: 'huggingface', listed_on: '2026-09-25' },
    ]);
  });

  test('is the same row, in whatever order they are read', async () => {
    const readings: PaperRecord[] = [
      huggingface(),
      feed(1),
      feed(2),
      feed(3, { title: 'The last title' }),
      apiRecord(1),
      apiRecord(2),
      apiRecord(3, { withdrawn: true }),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc
          .subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 2 })
          .chain((chosen) =>
            fc.tuple(fc.constant(chosen), fc.shuffledSubarray(chosen, { minLength: chosen.length })),
          ),
        async ([chosen, shuffled]) => {
          const tellings = (order: number[]): Telling[] =>
            order.map((n) => ({
              source: n === 0 ? 'huggingface' : 'arxiv:cs.LG',
              record: readings[n]!,
              readAt: at(0),
            }));
          expect(await outcome(tellings(shuffled))).toEqual(await outcome(tellings(chosen)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('readings replayed later, in whatever order, change nothing', async () => {
    const tellings: Telling[] = [
      { source: 'huggingface', record: huggingface({ votes: 3 }), readAt: at(0) },
      { source: 'arxiv:cs.LG', record: feed(1), readAt: at(1) },
      { source: 'huggingface', record: huggingface({ votes: 7, organization: 'EPFL' }), readAt: at(2) },
      { source: 'arxiv:cs.LG', record: feed(2), readAt: at(3) },
      { source: 'huggingface', record: huggingface({ votes: 8, title: 'Rewritten again' }), readAt: at(4) },
    ];
    const before = await outcome(tellings);
    const snapshots = () => database.db.selectFrom('snapshots').selectAll().orderBy('captured_at').execute();
    const taken = await snapshots();
    expect(taken.map(({ votes }) => votes)).toEqual([3, 7, 8]);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(tellings), async (order) => {
        for (const telling of order) await tell(telling);
        expect(await row()).toEqual(before);
        expect(await snapshots()).toEqual(taken);
      }),
      { numRuns: 20 },
    );
  });

  test('that was only replaced has no list, until one holds it', async () => {
    await fresh();
    await tell({ source: 'arxiv:cs.LG', record: feed(2), readAt: at(0) });
    expect(await row()).toMatchObject({ first_listed_on: null, version: 2 });
    expect(await database.db.selectFrom('listings').selectAll().execute()).toEqual([]);
    await tell({ source: 'huggingface', record: huggingface(), readAt: at(1) });
    expect(await row()).toMatchObject({ first_listed_on: '2026-09-25', version: 2, votes: 5 });
  });

  test('once withdrawn stays withdrawn, whoever says what afterwards', async () => {
    await fresh();
    await tell({ source: 'huggingface', record: huggingface(), readAt: at(0) });
    await tell({ source: 'arxiv:cs.LG', record: feed(2, { withdrawn: true }), readAt: at(1) });
    await tell({ source: 'arxiv:cs.LG', record: feed(3), readAt: at(2) });
    await tell({ source: 'huggingface', record: huggingface({ votes: 50 }), readAt: at(3) });
    expect(await row()).toMatchObject({ withdrawn_at: true, votes: 50, version: 3 });
  });

  test('that its source deleted is withdrawn; one that nobody knew is nothing', async () => {
    await fresh();
    await tell({ source: 'huggingface', record: huggingface(), readAt: at(0) });
    expect(await withdrawPapers(database.db, [key, 'arxiv:2609.99999'], at(1))).toHaveLength(1);
    expect(await withdrawPapers(database.db, [key], at(2))).toEqual([]);
    expect(await row()).toMatchObject({ withdrawn_at: true });
  });

  test('of two copies at second hand the newer counts, as ever', async () => {
    await fresh();
    await tell({ source: 'file', record: huggingface({ title: 'Old', version: 4 }), readAt: at(0) });
    await tell({ source: 'huggingface', record: huggingface({ title: 'New' }), readAt: at(1) });
    expect(await row()).toMatchObject({ title: 'New', version: 4 });
    await tell({ source: 'arxiv:cs.LG', record: feed(1), readAt: at(2) });
    expect(await row()).toMatchObject({ title: 'A $title$ of version 1', version: 1 });
  });
});
