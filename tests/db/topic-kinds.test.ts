import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { matchDefinitions, matchPapers, matchTopics } from '../../src/db/matches.ts';
import { upsertPapers } from '../../src/db/papers.ts';
import { dropUnfollowedTopics, ensureTopics, findTopicIds } from '../../src/db/topics.ts';
import { parseTopic, type Topic, topicKey } from '../../src/domain/topic.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

const papers = {
  'arxiv:2607.00001': {
    title: 'World models that plan',
    abstract: 'A survey of planning.',
    authors: ['Ada Lovelace', 'Yann LeCun'],
    organization: 'AI at Meta',
    categories: ['cs.RO', 'cs.LG'],
  },
  'arxiv:2607.00002': {
    title: 'Energy and planning',
    authors: ['Y. LeCun'],
    organization: 'New York University',
    categories: ['cs.LG', 'cs.RO'],
  },
  'arxiv:2607.00003': {
    title: 'Another name',
    authors: ['Yves LeCun', 'Wei Wang'],
    organization: 'GoogleDeepMind',
    categories: ['math.ST'],
  },
  'arxiv:2607.00004': { title: 'Nobody knows', authors: ['W. Wang'] },
};

const readAt = new Date('2026-07-02T00:00:00Z');

async function store(): Promise<void> {
  const records = Object.entries(papers).map(([key, paper]) => ({
    key,
    url: 'https://example.org/',
    listedOn: '2026-07-01',
    ...paper,
  }));
  const { changedIds } = await upsertPapers(database.db, 'file', records, readAt);
  await matchPapers(database.db, changedIds);
}

/** What a topic matched: the ends of the papers' keys with what they met it by, most relevant first. */
async function matched(text: string): Promise<string[]> {
  const id = (await ensureTopics(database.db, [text])).get(text);
  const rows = await database.db
    .selectFrom('matches')
    .innerJoin('papers', 'papers.id', 'matches.paper_id')
    .select(['key', 'phrase'])
    .where('topic_id', '=', id!)
    .orderBy('relevance', 'desc')
    .orderBy('key')
    .execute();
  return rows.map(({ key, phrase }) => `${key.at(-1)} ${phrase}`);
}

const allMatches = () =>
  database.db.selectFrom('matches').selectAll().orderBy('topic_id').orderBy('paper_id').execute();

const texts = [
  'author: LeCun, Yann',
  'author: Wei Wang',
  'org: Meta',
  'org: deepmind',
  'category: cs.RO',
  'category: cs',
  'category: cs.RO -survey',
];

describe('a topic of a kind', () => {
  test('finds what it says', async () => {
    await store();
    const expected: Record<string, string[]> = {
      'author: LeCun, Yann': ['1 Yann LeCun', '2 Y. LeCun'],
      'author: Wei Wang': ['3 Wei Wang'],
      'org: Meta': ['1 AI at Meta'],
      'org: DeepMind': ['3 GoogleDeepMind'],
      'category: cs.RO': ['1 cs.RO', '2 cs.RO'],
      'category: math': ['3 math.ST'],
      'category: cs.RO -survey': ['2 cs.RO'],
      'author: Yann LeCun -energy -"other words"': ['1 Yann LeCun'],
      'category: econ': [],
    };
    for (const [text, found] of Object.entries(expected)) expect(await matched(text), text).toEqual(found);
  });

  test('meets the same papers whether it was there before them or comes after', async () => {
    await ensureTopics(database.db, texts);
    await store();
    const before = await allMatches();
    await database.db.updateTable('topics').set({ matched_through: 0 }).execute();
    await matchTopics(database.db);
    expect(await allMatches()).toEqual(before);
    expect(before).toHaveLength(10);
  });

  test('meets before it exists what it will meet then', async () => {
    await store();
    const topics = texts.map((text) => parseTopic(text) as Topic);
    const ids = await database.db.selectFrom('papers').select('id').execute();
    const foreseen = await matchDefinitions(
      database.db,
      topics,
      ids.map(({ id }) => id),
    );
    expect(await database.db.selectFrom('topics').select('id').execute()).toEqual([]);
    await ensureTopics(database.db, texts);
    const known = await findTopicIds(database.db, topics);
    const now = (await allMatches()).map((match) => `${match.topic_id} ${match.paper_id} ${match.phrase}`);
    const then = foreseen.map(
      ({ place, paperId, phrase }) => `${known.get(topicKey(topics[place]!))} ${paperId} ${phrase}`,
    );
    expect(then.toSorted()).toEqual(now.toSorted());
  });

  test('in two spellings is one row, and a phrase of the same words another', async () => {
    const ids = await ensureTopics(database.db, [
      'author: Yann LeCun',
      'AUTHOR:"LeCun, Yann"',
      'org: DeepMind',
      'organisation: deepmind',
      'DeepMind',
    ]);
    expect(new Set(ids.values()).size).toBe(3);
    expect(ids.get('author: Yann LeCun')).toBe(ids.get('AUTHOR:"LeCun, Yann"'));
    expect(ids.get('org: DeepMind')).toBe(ids.get('organisation: deepmind'));
  });

  test('loses a paper whose authors turn out to be others, and goes when nobody follows it', async () => {
    await store();
    expect(await matched('author: Ada Lovelace')).toHaveLength(1);
    const record = { key: 'arxiv:2607.00001', title: 'World models that plan', authors: ['Grace Hopper'] };
    const { changedIds } = await upsertPapers(
      database.db,
      'file',
      [{ ...record, url: 'https://example.org/', listedOn: '2026-07-01' }],
      new Date('2026-07-03T00:00:00Z'),
    );
    await matchPapers(database.db, changedIds);
    expect(await matched('author: Ada Lovelace')).toEqual([]);
    await database.pool.query("update topics set created_at = now() - interval '2 days'");
    expect(await dropUnfollowedTopics(database.db)).toBe(1);
  });
});

test('a topic "like this paper" has its title; one like a paper that we do not have is none', async () => {
  await store();
  const ids = await ensureTopics(database.db, ['like: 2607.00001v2', 'like: 2607.99999']);
  expect([...ids.keys()]).toEqual(['like: 2607.00001v2']);
  const topics = await database.db.selectFrom('topics').select(['kind', 'name']).execute();
  expect(topics).toEqual([{ kind: 'like', name: 'like: 2607.00001 World models that plan' }]);
});
