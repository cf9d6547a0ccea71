import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { upsertPapers } from '../../src/db/papers.ts';
import { recordDayRead, readDayState } from '../../src/db/source-days.ts';
import type { DayState } from '../../src/db/tables/sources.ts';
import type { PaperRecord } from '../../src/domain/paper.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

const at = new Date('2026-07-02T06:00:00Z');
const later = new Date('2026-07-03T06:00:00Z');
const record = (over: Partial<PaperRecord> = {}): PaperRecord => ({
  key: 'arxiv:2607.00001',
  title: 'Flow matching for video generation',
  url: 'https://arxiv.org/abs/2607.00001',
  listedOn: '2026-07-01',
  ...over,
});
const full = record({
  version: 1,
  abstract: 'Words about it.',
  summary: 'Short.',
  authors: ['Ada', 'Grace'],
  authorsCount: 2,
  organization: 'ETH',
  categories: ['cs.CV'],
  keywords: ['flow matching'],
  publishedAt: new Date('2026-06-30T12:00:00Z'),
  pdfUrl: 'https://arxiv.org/pdf/2607.00001',
  codeUrl: 'https://github.com/a/b',
  projectUrl: 'https://example.org/p',
  thumbnailUrl: 'https://cdn-thumbnails.huggingface.co/x.png',
  votes: 5,
  comments: 1,
  codeStars: 10,
});

const upsert = (records: PaperRecord[], readAt = at, source = 'huggingface') =>
  upsertPapers(database.db, source, records, readAt);
const paper = () => database.db.selectFrom('papers').selectAll().executeTakeFirstOrThrow();
const generation = async () =>
  (await database.db.selectFrom('installation').select('data_generation').executeTakeFirstOrThrow())
    .data_generation;

describe('upserting papers', () => {
  test('stores everything a record tells', async () => {
    expect(await upsert([full])).toMatchObject({ added: 1, updated: 0, unchanged: 0 });
    expect(await paper()).toMatchObject({
      key: 'arxiv:2607.00001',
      version: 1,
      abstract: 'Words about it.',
      authors: ['Ada', 'Grace'],
      authors_count: 2,
      keywords: ['flow matching'],
      published_at: new Date('2026-06-30T12:00:00Z'),
      votes: 5,
      code_stars: 10,
      first_listed_on: '2026-07-01',
      withdrawn_at: null,
      revision: 1,
    });
  });

  test('the same again changes nothing, not even the generation', async () => {
    await upsert([full]);
    const before = { paper: await paper(), generation: await generation() };
    expect(await upsert([full], later)).toEqual({ added: 0, updated: 0, unchanged: 1, changedIds: [] });
    expect({ paper: await paper(), generation: await generation() }).toEqual(before);
  });

  test('a session in another time zone finds the same content the same', async () => {
    await upsert([full]);
    await database.pool.query(
      `alter database ${new URL(database.databaseUrl).pathname.slice(1)} set timezone to 'Asia/Tokyo'`,
    );
    const { rows } = await database.db.connection().execute(async (connection) => {
      await database.pool.query('select 1');
      return { rows: [await upsertPapers(connection, 'huggingface', [full], later)] };
    });
    expect(rows[0]).toMatchObject({ unchanged: 1 });
  });

  test('what a record does not say keeps what is stored', async () => {
    await upsert([full]);
    expect(await upsert([record({ authors: [], abstract: '', keywords: [] })], later)).toMatchObject({
      unchanged: 1,
    });
    expect(await paper()).toMatchObject({
      abstract: 'Words about it.',
      votes: 5,
      comments: 1,
      authors: ['Ada', 'Grace'],
    });
  });

  test('a change counts a revision and bumps the generation', async () => {
    await upsert([full]);
    const before = await generation();
    expect(await upsert([{ ...full, votes: 0 }], later)).toMatchObject({ added: 0, updated: 1 });
    expect(await paper()).toMatchObject({ votes: 0, revision: 2, updated_at: later });
    expect(await generation()).toBeGreaterThan(before);
  });

  test('votes are kept over time, once a change', async () => {
    await upsert([full]);
    await upsert([full], later);
    await upsert([{ ...full, votes: 9 }], new Date('2026-07-04T06:00:00Z'));
    await upsert([record()], new Date('2026-07-05T06:00:00Z'));
    const snapshots = await database.db
      .selectFrom('snapshots')
      .select(['captured_at', 'votes'])
      .orderBy('captured_at')
      .execute();
    expect(snapshots).toEqual([
      { captured_at: at, votes: 5 },
      { captured_at: new Date('2026-07-04T06:00:00Z'), votes: 9 },
    ]);
  });

  test('a paper listed on two days is one paper with two listings, first listed on the earlier', async () => {
    expect(await upsert([record({ listedOn: '2026-07-07', votes: 9 }), record({ votes: 1 })])).toMatchObject({
      added: 1,
    });
    expect(await paper()).toMatchObject({ first_listed_on: '2026-07-01', votes: 9 });
    expect(await upsert([record({ listedOn: '2026-06-30' })])).toMatchObject({ updated: 1 });
    expect(await upsert([record({ listedOn: '2026-07-09' })])).toMatchObject({ unchanged: 1 });
    expect(await paper()).toMatchObject({ first_listed_on: '2026-06-30' });
    expect(
      await database.db.selectFrom('listings').select('listed_on').orderBy('listed_on').execute(),
    ).toEqual(['2026-06-30', '2026-07-01', '2026-07-07', '2026-07-09'].map((listed_on) => ({ listed_on })));
  });

  test('a listing keeps the place at which it was first seen', async () => {
    const other = record({ key: 'arxiv:2607.00002' });
    await upsert([record(), other]);
    await upsert([other, record()], later);
    const places = await database.db
      .selectFrom('listings')
      .select(['place', 'first_seen_at'])
      .orderBy('paper_id')
      .execute();
    expect(places).toEqual([
      { place: 1, first_seen_at: at },
      { place: 2, first_seen_at: at },
    ]);
  });

  test('a withdrawal is noted once and stays', async () => {
    await upsert([record({ withdrawn: true })]);
    await upsert([record({ withdrawn: true })], later);
    await upsert([record()], later);
    expect(await paper()).toMatchObject({ withdrawn_at: at, revision: 1 });
  });

  test('sources complete each other', async () => {
    await upsert([full]);
    expect(await upsert([record({ categories: ['cs.LG'] })], later, 'file')).toMatchObject({ updated: 1 });
    expect(await upsert([record({ categories: ['cs.LG'] })], later, 'file')).toMatchObject({ unchanged: 1 });
    expect(await paper()).toMatchObject({ categories: ['cs.LG'], votes: 5 });
  });

  test('title, keywords and abstract can be searched, each with its weight; the summary stands in', async () => {
    await upsert([full, record({ key: 'other', title: 'Untitled', summary: 'About quantization.' })]);
    const { rows } = await database.pool.query<{ search: string }>(
      'select search::text from papers order by key',
    );
    expect(rows[0]!.search).toMatch(/'match':2A.*'word':\d+C/);
    expect(rows[0]!.search).toMatch(/'flow':1A,\d+B/);
    expect(rows[1]!.search).toMatch(/'quantiz':\d+C/);
  });

  test('takes text that would break SQL or JSON, and more than one chunk of it', async () => {
    const titles = ["'; drop table papers; --", '\\u0000 "quoted" {curly}', '💥 emoji', '{a,b}', 'null'];
    const many = Array.from({ length: 1203 }, (_, n) =>
      record({
        key: `k${n}`,
        title: titles[n % titles.length]!,
        authors: ['{x}', '"q"', 'a,b', 'NULL', 'back\\slash'],
      }),
    );
    expect(await upsert(many)).toMatchObject({ added: 1203 });
    expect(await upsert(many.toReversed(), later)).toMatchObject({ unchanged: 1203 });
    const stored = await paper();
    expect(stored.authors).toEqual(['{x}', '"q"', 'a,b', 'NULL', 'back\\slash']);
    expect(await database.db.selectFrom('papers').select('title').distinct().execute()).toHaveLength(5);
  });

  test('several at once, in any order, come to the same as one after the other', async () => {
    const some = Array.from({ length: 40 }, (_, n) => record({ key: `k${n}`, votes: n }));
    const results = await Promise.all([upsert(some), upsert(some.toReversed()), upsert(some.slice(10, 30))]);
    expect(results.reduce((sum, { added }) => sum + added, 0)).toBe(40);
    expect(results.reduce((sum, { updated }) => sum + updated, 0)).toBe(0);
  });

  test('nothing at all is fine', async () => {
    expect(await upsert([])).toEqual({ added: 0, updated: 0, unchanged: 0, changedIds: [] });
  });
});

describe('the day of a source', () => {
  test.each<[DayState, DayState, DayState]>([
    ['partial', 'complete', 'complete'],
    ['complete', 'partial', 'complete'],
    ['complete', 'failed', 'complete'],
    ['partial', 'failed', 'partial'],
    ['failed', 'partial', 'partial'],
    ['failed', 'complete', 'complete'],
  ])('that was %s and is read as %s is %s', async (first, second, result) => {
    const day = { source: 'huggingface', day: '2026-07-01' };
    await recordDayRead(database.db, { ...day, state: first, readAt: at });
    await recordDayRead(database.db, { ...day, state: second, readAt: later });
    expect(await readDayState(database.db, 'huggingface', '2026-07-01')).toBe(result);
  });

  test('counts its listings and bumps the generation when its state changes', async () => {
    await upsert([full]);
    const before = await generation();
    const read = { source: 'huggingface', day: '2026-07-01', state: 'complete' as const, readAt: at };
    await recordDayRead(database.db, read);
    expect(await generation()).toBe(before + 1);
    await recordDayRead(database.db, { ...read, readAt: later });
    expect(await generation()).toBe(before + 1);
    const row = await database.db.selectFrom('source_days').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ papers: 1, read_at: later, note: null });
    expect(await readDayState(database.db, 'file', '2026-07-01')).toBeUndefined();
  });
});
