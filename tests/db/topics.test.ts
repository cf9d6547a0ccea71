import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { matchPapers, matchTopics } from '../../src/db/matches.ts';
import { upsertPapers } from '../../src/db/papers.ts';
import { dropUnfollowedTopics, ensureTopics, listTopics, syncCuratedTopics } from '../../src/db/topics.ts';
import { curatedTopics, parseTopic } from '../../src/domain/topic.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

const papers = {
  titled: { title: 'Speculative decoding made simple', abstract: 'We speed up models.' },
  mentioned: { title: 'Faster models', abstract: 'A way of speculative decoding, and more about decoding.' },
  apart: { title: 'Faster models', abstract: 'Decoding is slow. Some speculative thoughts follow.' },
  video: { title: 'Text-to-video generation', abstract: 'Videos from words.' },
  keyword: { title: 'An agent', abstract: 'It acts.', keywords: ['speculative decoding'] },
};

async function store(names = Object.keys(papers) as (keyof typeof papers)[]): Promise<void> {
  const records = names.map((key) => ({
    key,
    url: 'https://example.org/',
    listedOn: '2026-07-01',
    ...papers[key],
  }));
  const { changedIds } = await upsertPapers(database.db, 'file', records, new Date('2026-07-02T00:00:00Z'));
  await matchPapers(database.db, changedIds);
}

/** The keys of the papers that match a topic, most relevant first; those in the title with a star. */
async function matched(text: string): Promise<string[]> {
  const id = (await ensureTopics(database.db, [text])).get(text);
  const rows = await database.db
    .selectFrom('matches')
    .innerJoin('papers', 'papers.id', 'matches.paper_id')
    .select(['key', 'in_title'])
    .where('topic_id', '=', id!)
    .orderBy('relevance', 'desc')
    .orderBy('key')
    .execute();
  return rows.map(({ key, in_title }) => (in_title ? `${key}*` : key));
}

const everything = async () => ({
  topics: await database.db.selectFrom('topics').selectAll().orderBy('id').execute(),
  matches: await database.db
    .selectFrom('matches')
    .selectAll()
    .orderBy('topic_id')
    .orderBy('paper_id')
    .execute(),
  generation: await database.db.selectFrom('installation').select('data_generation').execute(),
});

describe('a free phrase', () => {
  test.each([
    ['speculative decoding', ['titled*', 'keyword', 'mentioned', 'apart']],
    ['"speculative decoding"', ['titled*', 'keyword', 'mentioned']],
    ['speculative -simple', ['keyword', 'apart', 'mentioned']],
    ['"text to video" OR simple', ['titled*', 'video*']],
    ['text-to-video', ['video*']],
    ['"decoding or thoughts"', []],
    ['decodes', ['titled*', 'mentioned', 'keyword', 'apart']],
    ['quantum gravity', []],
  ])('%s finds what it says', async (text, keys) => {
    await store();
    expect((await matched(text)).toSorted()).toEqual(keys.toSorted());
  });

  test('ranks a title above a keyword, a keyword above a passing word', async () => {
    await store();
    const ranked = await matched('"speculative decoding"');
    expect(ranked[0]).toBe('titled*');
    for (const { relevance } of await database.db.selectFrom('matches').select('relevance').execute()) {
      expect(relevance).toBeGreaterThan(0);
      expect(relevance).toBeLessThanOrEqual(1);
    }
  });

  test('meets the same papers whether it was there before them or comes after', async () => {
    const texts = ['speculative decoding', '"text to video" OR simple', 'models -words'];
    await ensureTopics(database.db, texts);
    await store();
    const before = await everything();
    await database.db.updateTable('topics').set({ matched_through: 0 }).execute();
    await matchTopics(database.db);
    expect((await everything()).matches).toEqual(before.matches);
    expect(before.matches.length).toBeGreaterThan(5);
  });

  test('in two spellings is one topic, and a curated topic typed out is that topic', async () => {
    await syncCuratedTopics(database.db);
    const ids = await ensureTopics(database.db, [
      ' Mamba   Models',
      'mamba models',
      'Video Generation',
      'video-generation',
    ]);
    expect(ids.get(' Mamba   Models')).toBe(ids.get('mamba models'));
    expect(ids.get('Video Generation')).toBe(ids.get('video-generation'));
  });

  test('that parseTopic takes is one that Postgres can look for', async () => {
    const part = fc.constantFrom(
      ...'"|-| or | |a|text-to-video|the|cats|x.y|http://a.b/c|a@b.c|3|-3|1.5|/usr|&|!|(|:*|<->|<b>|was|é|日本'.split(
        '|',
      ),
      "'",
      '\\',
      '+',
      '_',
      '#',
      ',',
      ';',
      '|',
    );
    const text = fc.oneof(
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    const definitions = fc.sample(text, 1500).flatMap((given) => {
      const topic = parseTopic(given);
      return 'fault' in topic ? [] : [topic.definition];
    });
    const { rows } = await database.pool.query(
      `select d from unnest($1::text[]) d where querytree(websearch_to_tsquery('english', d)) in ('', 'T')`,
      [definitions],
    );
    expect(rows).toEqual([]);
    expect(definitions.length).toBeGreaterThan(300);
  });

  test('that is no topic has no place in the answer', async () => {
    expect([...(await ensureTopics(database.db, ['the', '-x', '', 'mamba'])).keys()]).toEqual(['mamba']);
  });

  test('made by two at once is one', async () => {
    await store();
    const [one, two] = await Promise.all([
      ensureTopics(database.db, ['mamba', 'decoding']),
      ensureTopics(database.db, ['decoding', 'mamba']),
    ]);
    expect(one.get('mamba')).toBe(two.get('mamba'));
    expect(one.get('decoding')).toBe(two.get('decoding'));
  });

  test('goes a day after nobody follows it; curated topics stay', async () => {
    await syncCuratedTopics(database.db);
    await ensureTopics(database.db, ['mamba']);
    expect(await dropUnfollowedTopics(database.db)).toBe(0);
    await database.pool.query("update topics set created_at = now() - interval '2 days'");
    expect(await dropUnfollowedTopics(database.db)).toBe(1);
    expect(await listTopics(database.db)).toHaveLength(curatedTopics.length);
  });
});

describe('curated topics', () => {
  test('are there after one sync, in the order of the file, and a second one changes nothing', async () => {
    await store();
    await syncCuratedTopics(database.db);
    const before = await everything();
    expect((await listTopics(database.db)).map(({ slug }) => slug)).toEqual(
      curatedTopics.map(({ slug }) => slug),
    );
    await syncCuratedTopics(database.db);
    expect(await everything()).toEqual(before);
    expect(await matched('Video generation')).toEqual(['video*']);
  });

  test('follow the file: changed ones match anew, those that left it are retired and match no more', async () => {
    await syncCuratedTopics(database.db, [
      { slug: 'a', name: 'A', field: 'F', description: 'A.', phrases: ['speculative decoding'] },
      { slug: 'b', name: 'B', field: 'F', description: 'B.', phrases: ['text to video'] },
    ]);
    await store(['titled', 'mentioned']);
    await syncCuratedTopics(database.db, [
      { slug: 'a', name: 'A2', field: 'F', description: 'A.', phrases: ['faster models'] },
    ]);
    await store(['video']);
    const rows = await database.db
      .selectFrom('topics')
      .leftJoin('matches', 'matches.topic_id', 'topics.id')
      .leftJoin('papers', 'papers.id', 'matches.paper_id')
      .select(['slug', 'topics.name', 'key'])
      .orderBy('slug')
      .execute();
    expect(rows).toEqual([
      { slug: 'a', name: 'A2', key: 'mentioned' },
      { slug: 'b', name: 'B', key: null },
    ]);
    expect((await listTopics(database.db)).map(({ slug }) => slug)).toEqual(['a']);
  });

  test('want more than one broad word in passing', async () => {
    const filler = 'Something else entirely happens in this long abstract about trees and rivers. '.repeat(
      12,
    );
    await syncCuratedTopics(database.db, [
      { slug: 'a', name: 'A', field: 'F', description: 'A.', phrases: ['dataset', 'robot'] },
    ]);
    const records = [
      { key: 'passing', title: 'Trees', abstract: `${filler} A dataset.` },
      { key: 'twice', title: 'Trees', abstract: `A robot. ${filler} A dataset.` },
    ].map((paper) => ({ ...paper, url: 'https://example.org/', listedOn: '2026-07-01' }));
    const { changedIds } = await upsertPapers(database.db, 'file', records, new Date());
    await matchPapers(database.db, changedIds);
    expect(
      await database.db.selectFrom('matches').innerJoin('papers', 'id', 'paper_id').select('key').execute(),
    ).toEqual([{ key: 'twice' }]);
  });
});

describe('a paper that changes', () => {
  test('loses the matches it no longer has and keeps the others', async () => {
    await ensureTopics(database.db, ['decoding', 'models']);
    await store(['titled']);
    const record = {
      key: 'titled',
      title: 'Speculative models',
      url: 'https://example.org/',
      listedOn: '2026-07-01',
    };
    const { changedIds } = await upsertPapers(database.db, 'file', [record], new Date());
    await matchPapers(database.db, changedIds);
    expect(await matched('decoding')).toEqual([]);
    expect(await matched('models')).toEqual(['titled*']);
  });
});
