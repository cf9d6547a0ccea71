import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Context } from '../../src/context.ts';
import { dropOldAnswers } from '../../src/db/raw-answers.ts';
import { enterSourceGate, leaveSourceGate } from '../../src/db/source-gates.ts';
import { ingest, ingestAgain, ingestFile, ingestRecent } from '../../src/pipeline/ingest.ts';
import { sourceGate } from '../../src/pipeline/source-gate.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const source = 'arxiv:cs.AI+cs.CL';
let database: TestDatabase;
let stand: {
  url: string;
  server: Server;
  asked: string[];
  feed: string;
  status: number;
  etag: string | undefined;
};
let complaints: string[];

const contextAt = (at: string): Context =>
  ({
    db: database.db,
    now: () => new Date(at),
    signal: new AbortController().signal,
    config: { sources: [source], arxivBaseUrl: stand.url, huggingfaceBaseUrl: stand.url },
    log: { info() {}, warn() {}, error: (_: object, said: string) => void complaints.push(said) },
  }) as unknown as Context;

beforeEach(async () => {
  database = await openTestDatabase();
  complaints = [];
  stand = await openStandIn();
});
afterEach(async () => {
  await database.close();
  await new Promise((done) => stand.server.close(done));
});

async function openStandIn(): Promise<typeof stand> {
  const server = createServer((request, answer) => {
    stand.asked.push(request.url!);
    if (stand.etag !== undefined && request.headers['if-none-match'] === stand.etag) {
      answer.writeHead(304).end();
      return;
    }
    if (stand.etag !== undefined) answer.setHeader('etag', stand.etag);
    answer.writeHead(stand.status).end(stand.feed);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, server, asked: [], feed: '', status: 200, etag: undefined };
}

interface Item {
  id: string;
  type?: string;
  categories?: string[];
  abstract?: string;
}
const mail = (day: string): string =>
  new Date(`${day}T00:00:00Z`).toUTCString().replace('00:00:00 GMT', '00:00:00 -0400');
const feed = (day: string, items: Item[]): string =>
  `<rss><channel><pubDate>${mail(day)}</pubDate>${items
    .map(
      ({ id, type = 'new', categories = ['cs.AI'], abstract = 'Words about robots.' }) =>
        `<item><title>Paper ${id}</title><guid>oai:arXiv.org:${id}</guid><description>arXiv:${id} Announce Type: ${type}
Abstract: ${abstract}</description>${categories.map((name) => `<category>${name}</category>`).join('')}
<announce_type>${type}</announce_type><creator>Ada</creator></item>`,
    )
    .join('')}</channel></rss>`;
/** What the query API answers. */
const answerOf = (ids: string[], abstract: string): string =>
  `<feed xmlns="http://www.w3.org/2005/Atom"><id>http://arxiv.org/api/x</id><opensearch:totalResults>${ids.length}</opensearch:totalResults>${ids
    .map(
      (id) =>
        `<entry><id>http://arxiv.org/abs/${id}</id><title>Paper ${id}</title><summary>${abstract}</summary><published>2026-09-22T10:00:00Z</published><category term="cs.AI"/><author><name>Ada</name></author></entry>`,
    )
    .join('')}</feed>`;
const batch = (start: number, length: number, categories: string[]): Item[] =>
  Array.from({ length }, (_, n) => ({ id: `2609.${String(start + n).padStart(5, '0')}v1`, categories }));

const read = (at: string, day = at.slice(0, 10)) => ingest(contextAt(at), { source, day });
const states = async () =>
  Object.fromEntries(
    (
      await database.db.selectFrom('source_days').select(['day', 'state', 'papers']).orderBy('day').execute()
    ).map(({ day, state, papers }) => [day, `${state} ${papers}`]),
  );
const note = async (day: string) =>
  (await database.db.selectFrom('source_days').select('note').where('day', '=', day).executeTakeFirst())
    ?.note;
/** A real pause of three seconds between requests is the gate's own test; here it would only be waiting. */
const open = () => database.db.deleteFrom('source_gates').execute();

describe("arXiv's announcement", () => {
  test('is a complete list as soon as it is read; replacements are not on it, and withdrawals take effect', async () => {
    stand.feed = feed('2026-09-23', batch(1, 3, ['cs.AI']));
    await read('2026-09-23T05:30:00Z');
    await open();
    stand.feed = feed('2026-09-24', [
      { id: '2609.00010v1' },
      { id: '2205.06398v2', type: 'cross' },
      { id: '2609.00001v2', type: 'replace', abstract: 'This paper has been withdrawn by the authors.' },
      { id: '2609.00002v2', type: 'replace', abstract: 'Better words.' },
      { id: '2401.00001v9', type: 'replace-cross' },
    ]);
    const result = await read('2026-09-24T05:30:00Z');
    expect(result).toEqual({ added: 3, updated: 2, unchanged: 0, rejected: [] });
    expect(await states()).toEqual({ '2026-09-23': 'complete 3', '2026-09-24': 'complete 2' });
    const papers = await database.db
      .selectFrom('papers')
      .select(['key', 'first_listed_on', 'withdrawn_at', 'version'])
      .orderBy('key')
      .execute();
    expect(papers).toEqual([
      { key: 'arxiv:2205.06398', first_listed_on: '2026-09-24', withdrawn_at: null, version: 2 },
      { key: 'arxiv:2401.00001', first_listed_on: null, withdrawn_at: null, version: 9 },
      {
        key: 'arxiv:2609.00001',
        first_listed_on: '2026-09-23',
        withdrawn_at: new Date('2026-09-24T05:30:00Z'),
        version: 2,
      },
      { key: 'arxiv:2609.00002', first_listed_on: '2026-09-23', withdrawn_at: null, version: 2 },
      { key: 'arxiv:2609.00003', first_listed_on: '2026-09-23', withdrawn_at: null, version: 1 },
      { key: 'arxiv:2609.00010', first_listed_on: '2026-09-24', withdrawn_at: null, version: 1 },
    ]);
    expect(complaints).toEqual([]);
  });

  test('read twice changes nothing, and is not sent twice', async () => {
    stand.etag = '"a"';
    stand.feed = feed('2026-09-24', batch(1, 3, ['cs.AI']));
    await read('2026-09-24T05:30:00Z');
    await open();
    expect(await read('2026-09-24T08:00:00Z')).toEqual({ added: 0, updated: 0, unchanged: 3, rejected: [] });
    const kept = await database.db.selectFrom('raw_answers').select(['day', 'read_at']).execute();
    expect(kept).toEqual([{ day: '2026-09-24', read_at: new Date('2026-09-24T05:30:00Z') }]);
    expect(await states()).toEqual({ '2026-09-24': 'complete 3' });
  });

  test('that is still the one before is stale, an alarm, until the new one comes', async () => {
    stand.feed = feed('2026-09-23', batch(1, 12, ['cs.AI']));
    await read('2026-09-23T05:30:00Z');
    await open();
    await read('2026-09-24T05:30:00Z');
    expect(await states()).toEqual({ '2026-09-23': 'complete 12', '2026-09-24': 'stale 0' });
    expect(await note('2026-09-24')).toBe('arXiv still served the list of 2026-09-23');
    expect(complaints).toHaveLength(1);
    await open();
    stand.feed = feed('2026-09-24', batch(20, 5, ['cs.AI']));
    await read('2026-09-24T06:00:00Z');
    expect(await states()).toEqual({ '2026-09-23': 'complete 12', '2026-09-24': 'complete 5' });
    expect(await note('2026-09-24')).toBeNull();
  });

  test('may be stale in one category only, with every date as of today', async () => {
    stand.feed = feed('2026-09-23', [...batch(1, 30, ['cs.AI']), ...batch(100, 30, ['cs.CL'])]);
    await read('2026-09-23T05:30:00Z');
    await open();
    // cs.AI serves yesterday's papers and two current ones, cs.CL is right.
    const items = [...batch(1, 30, ['cs.AI']), ...batch(50, 2, ['cs.AI']), ...batch(200, 30, ['cs.CL'])];
    stand.feed = feed('2026-09-24', items);
    await read('2026-09-24T05:30:00Z');
    expect(await states()).toEqual({ '2026-09-23': 'complete 60', '2026-09-24': 'partial 32' });
    expect(await note('2026-09-24')).toBe(
      'arXiv served an old list: 30 of 32 papers in cs.AI were listed before',
    );
    await open();
    expect(complaints).toHaveLength(1);
    // A few that were listed elsewhere the day before are nothing unusual.
    stand.feed = feed('2026-09-24', [
      ...batch(50, 30, ['cs.AI']),
      ...batch(200, 30, ['cs.CL']),
      ...batch(1, 9, ['cs.AI', 'cs.CL']).map((item) => ({ ...item, type: 'cross' })),
    ]);
    await read('2026-09-24T06:00:00Z');
    expect(await states()).toMatchObject({ '2026-09-24': 'complete 69' });
  });

  test('with nothing new is stale on a weekday, and a holiday on a holiday or a weekend', async () => {
    for (const day of ['2026-09-24', '2026-09-08', '2026-09-26']) {
      stand.feed = feed(day, [{ id: '2609.00001v2', type: 'replace' }]);
      await read(`${day}T06:00:00Z`);
      await open();
    }
    expect(await states()).toEqual({
      '2026-09-08': 'holiday 0',
      '2026-09-24': 'stale 0',
      '2026-09-26': 'holiday 0',
    });
    expect(complaints).toHaveLength(1);
    // On a holiday arXiv may as well go on serving the last list.
    stand.feed = feed('2026-11-25', batch(1, 2, ['cs.AI']));
    await read('2026-11-26T06:00:00Z');
    expect(await states()).toMatchObject({ '2026-11-25': 'complete 2', '2026-11-26': 'holiday 0' });
    expect(complaints).toHaveLength(1);
  });

  test('of a day that has passed comes from the query API, and says so', async () => {
    stand.feed = answerOf(['2609.00001v2', '2609.00002v1'], 'robots');
    const { added } = await read('2026-09-24T10:00:00Z', '2026-09-23');
    expect(added).toBe(2);
    expect(await states()).toEqual({ '2026-09-23': 'complete 2' });
    expect(await note('2026-09-23')).toMatch(/^from arXiv's query API: older papers/);
    expect(stand.asked[0]).toContain(
      '/api/query?search_query=%28cat%3Acs.AI+OR+cat%3Acs.CL%29+AND+submittedDate',
    );
    expect(await ingestAgain(contextAt('2026-09-24T11:00:00Z'))).toMatchObject({
      added: 0,
      unchanged: 2,
      rejected: [],
    });
    expect(await states()).toEqual({ '2026-09-23': 'complete 2' });
  });

  test('of a day that has passed is not taken from an answer that is none', async () => {
    stand.feed = feed('2026-09-24', batch(1, 2, ['cs.AI']));
    await expect(read('2026-09-24T10:00:00Z', '2026-09-23')).rejects.toThrow("is none of its query API's");
    expect(await states()).toEqual({ '2026-09-23': 'failed 0' });
  });

  test('that is as full as arXiv makes it is partial', async () => {
    stand.feed = feed('2026-09-24', batch(1, 2000, ['cs.AI']));
    await read('2026-09-24T05:30:00Z');
    expect(await states()).toEqual({ '2026-09-24': 'partial 2000' });
  });

  test('is read by the scheduler once a day when it is ready, and never at the weekend', async () => {
    stand.feed = feed('2026-09-25', batch(1, 2, ['cs.AI']));
    await database.pool.query(
      `insert into source_days (source, day, state, papers, read_at)
       select $1, d, 'complete', 0, d + interval '8 hours' from generate_series('2026-09-22'::date, '2026-09-24', '1 day') d`,
      [source],
    );
    for (const time of ['04:00', '05:00', '05:30', '06:00', '07:30']) {
      await ingestRecent(contextAt(`2026-09-25T${time}:00Z`));
      await open();
    }
    expect(stand.asked).toEqual(['/rss/cs.AI+cs.CL']);
    await ingestRecent(contextAt('2026-09-26T10:00:00Z'));
    expect(stand.asked).toHaveLength(1);
    expect(await states()).toMatchObject({ '2026-09-25': 'complete 2', '2026-09-26': 'holiday 0' });
  });

  test('meets the votes of Hugging Face, whoever comes first', async () => {
    stand.feed = JSON.stringify([
      { paper: { id: '2609.00001', title: 'Rewritten', upvotes: 7, authors: [] } },
    ]);
    await ingest(contextAt('2026-09-25T00:30:00Z'), { source: 'huggingface', day: '2026-09-24' });
    stand.feed = feed('2026-09-24', batch(1, 2, ['cs.AI']));
    await read('2026-09-24T05:30:00Z');
    const paper = await database.db
      .selectFrom('papers')
      .select(['title', 'votes', 'categories'])
      .where('key', '=', 'arxiv:2609.00001')
      .executeTakeFirstOrThrow();
    expect(paper).toEqual({ title: 'Paper 2609.00001v1', votes: 7, categories: ['cs.AI'] });
  });
});

describe('silence', () => {
  test('after a 429 nobody asks, not even another process', async () => {
    [stand.status, stand.feed] = [429, 'Rate exceeded.'];
    await expect(read('2026-09-24T05:30:00Z')).rejects.toThrow('nobody asks it for 10 minutes');
    stand.status = 200;
    await expect(read('2026-09-24T05:31:00Z')).rejects.toThrow(
      /Not asked before \d\d:\d\d UTC: arXiv said "Rate exceeded"/,
    );
    expect(stand.asked).toHaveLength(1);
    expect(await states()).toEqual({ '2026-09-24': 'failed 0' });
    const { rows } = await database.pool.query(
      `select extract(epoch from silent_until - now())::int as seconds from source_gates`,
    );
    expect(rows[0].seconds).toBeGreaterThan(590);
  });
});

describe('the gate', () => {
  test('lets one in at a time, over all processes, and the next only after a pause', async () => {
    const options = { pauseMs: 120, heldMs: 60_000 };
    const spans: [number, number][] = [];
    await Promise.all(
      Array.from({ length: 4 }, () =>
        sourceGate(database.db, 'x', options).pass(new AbortController().signal, async () => {
          const began = performance.now();
          await database.pool.query('select pg_sleep(0.05)');
          spans.push([began, performance.now()]);
        }),
      ),
    );
    spans.sort((a, b) => a[0] - b[0]);
    expect(spans).toHaveLength(4);
    for (const [place, span] of spans.slice(1).entries()) {
      expect(span[0] - spans[place]![1]).toBeGreaterThanOrEqual(110);
    }
  });

  test('opens again after a failure, and after a process that died', async () => {
    const gate = sourceGate(database.db, 'x', { pauseMs: 0, heldMs: 60_000 });
    const { signal } = new AbortController();
    await expect(gate.pass(signal, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await enterSourceGate(database.db, 'x', '00000000-0000-4000-8000-000000000001', 30)).toEqual({
      entered: true,
    });
    expect(await gate.pass(signal, async () => 'in')).toBe('in');
    // Whoever comes back from the dead has lost the place, and takes nobody else's.
    await enterSourceGate(database.db, 'x', '00000000-0000-4000-8000-000000000002', 60_000);
    await leaveSourceGate(database.db, 'x', '00000000-0000-4000-8000-000000000001', 0);
    const turn = await enterSourceGate(database.db, 'x', '00000000-0000-4000-8000-000000000003', 60_000);
    expect(turn).toMatchObject({ entered: false });
  });

  test('does not hold up a process that stops', async () => {
    await enterSourceGate(database.db, 'x', '00000000-0000-4000-8000-000000000001', 60_000);
    const stop = new AbortController();
    const waiting = sourceGate(database.db, 'x', { pauseMs: 0, heldMs: 60_000 }).pass(
      stop.signal,
      async () => 'in',
    );
    stop.abort(new Error('stopping'));
    await expect(waiting).rejects.toThrow('abort');
  });
});

describe('answers kept', () => {
  test('are read again by a mended parser, also those that made no sense', async () => {
    stand.feed = feed('2026-09-24', batch(1, 2, ['cs.AI']))
      .replace('<rss>', '<rss2>')
      .replace('</rss>', '</rss2>');
    await expect(read('2026-09-24T05:30:00Z')).rejects.toThrow('none of arXiv');
    expect(await states()).toEqual({ '2026-09-24': 'failed 0' });
    const again = await ingestAgain(contextAt('2026-09-25T10:00:00Z'));
    expect(again).toMatchObject({
      added: 0,
      rejected: [{ index: 0, reason: expect.stringContaining('<rss2>') }],
    });

    // The mended parser: here it is the answer that is mended.
    await open();
    stand.feed = feed('2026-09-24', batch(1, 2, ['cs.AI']));
    await read('2026-09-24T06:00:00Z');
    await database.db.deleteFrom('papers').execute();
    await database.db.deleteFrom('source_days').execute();
    expect(await ingestAgain(contextAt('2026-09-25T10:00:00Z'), { source })).toMatchObject({ added: 2 });
    expect(await states()).toEqual({ '2026-09-24': 'complete 2' });
    expect(await ingestAgain(contextAt('2026-09-25T10:00:00Z'))).toMatchObject({
      added: 0,
      updated: 0,
      unchanged: 2,
    });
    expect(await ingestAgain(contextAt('2026-09-25T10:00:00Z'), { day: '2026-09-01' })).toMatchObject({
      unchanged: 0,
    });
    expect(await ingestAgain(contextAt('2026-09-25T10:00:00Z'), { source: 'huggingface' })).toMatchObject({
      unchanged: 0,
    });
  });

  test('do not undo what newer ones told', async () => {
    const votes = (n: number) => {
      stand.feed = JSON.stringify([{ paper: { id: '2609.00001', title: 'T', upvotes: n, authors: [] } }]);
    };
    for (const [n, at] of [
      [3, '10:00'],
      [9, '13:00'],
      [12, '16:00'],
    ] as const) {
      votes(n);
      await ingest(contextAt(`2026-09-24T${at}:00Z`), { source: 'huggingface', day: '2026-09-24' });
    }
    const first = await database.db
      .selectFrom('raw_answers')
      .select('id')
      .orderBy('id')
      .executeTakeFirstOrThrow();
    await database.db.deleteFrom('raw_answers').where('id', '!=', first.id).execute();
    expect(await ingestAgain(contextAt('2026-09-25T10:00:00Z'))).toMatchObject({ updated: 0, unchanged: 1 });
    const paper = await database.db.selectFrom('papers').select('votes').executeTakeFirstOrThrow();
    expect(paper.votes).toBe(12);
    expect(await states()).toEqual({ '2026-09-24': 'partial 1' });
  });

  test('go after thirty days', async () => {
    stand.feed = feed('2026-09-24', batch(1, 2, ['cs.AI']));
    await read('2026-09-24T05:30:00Z');
    const left = async () => (await database.db.selectFrom('raw_answers').select('id').execute()).length;
    await dropOldAnswers(database.db, new Date('2026-10-24T05:29:00Z'));
    expect(await left()).toBe(1);
    await dropOldAnswers(database.db, new Date('2026-10-24T05:31:00Z'));
    expect(await left()).toBe(0);
  });
});

test('a file of the feed closes its day like the feed itself, and deleted records withdraw', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'broadsheet-arxiv-'));
  try {
    await writeFile(
      join(folder, 'feed.xml'),
      feed('2026-09-24', [...batch(1, 2, ['cs.AI']), { id: '2609.00009v2', type: 'replace' }]),
    );
    const ctx = contextAt('2026-09-25T10:00:00Z');
    expect(await ingestFile(ctx, join(folder, 'feed.xml'))).toMatchObject({ added: 3, rejected: [] });
    expect(await states()).toEqual({ '2026-09-24': 'complete 2' });
    await writeFile(
      join(folder, 'oai.xml'),
      '<OAI-PMH><ListRecords><record><header status="deleted"><identifier>oai:arXiv.org:2609.00001</identifier></header></record></ListRecords></OAI-PMH>',
    );
    expect(await ingestFile(ctx, join(folder, 'oai.xml'))).toMatchObject({ added: 0, updated: 1 });
    const { withdrawn_at } = await database.db
      .selectFrom('papers')
      .select('withdrawn_at')
      .where('key', '=', 'arxiv:2609.00001')
      .executeTakeFirstOrThrow();
    expect(withdrawn_at).not.toBeNull();
  } finally {
    await rm(folder, { recursive: true });
  }
});
