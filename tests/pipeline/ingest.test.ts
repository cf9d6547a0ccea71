import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { Context } from '../../src/context.ts';
import { ingest, ingestFile, ingestRecent } from '../../src/pipeline/ingest.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { recordedData } from '../support/recorded.ts';

let database: TestDatabase;
let folder: string;
let stand: { url: string; server: Server; lists: Map<string, unknown[]>; asked: string[]; broken: boolean };

/** As much of a context as ingest uses. */
const contextAt = (at: string): Context =>
  ({
    db: database.db,
    now: () => new Date(at),
    signal: new AbortController().signal,
    config: { sources: ['huggingface'], huggingfaceBaseUrl: stand.url },
    log: { info() {}, warn() {} },
  }) as unknown as Context;

beforeEach(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'broadsheet-ingest-'));
  stand = await openStandIn();
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true });
  await new Promise((done) => stand.server.close(done));
});

describe('ingest of a file', () => {
  const lines = [
    JSON.stringify({ id: '2607.00001', title: 'Video generation at last', abstract: 'Words.', upvotes: 3 }),
    JSON.stringify({ id: '2607.00002', title: 'Robots', listed_on: '2026-07-02' }),
    '{"id": "2607.00003"',
    JSON.stringify({ id: '2607.00004' }),
  ].join('\n');

  test('tells what was added, and rejects bad lines by index', async () => {
    const path = join(folder, 'papers.jsonl');
    await writeFile(path, lines);
    const result = await ingestFile(contextAt('2026-07-03T08:00:00Z'), path, { date: '2026-07-01' });
    expect(result).toMatchObject({ added: 2, updated: 0, unchanged: 0 });
    expect(result.rejected.map(({ index }) => index)).toEqual([2, 3]);
    expect(result.rejected[1]!.reason).toBe('has no title');
    expect(await days()).toEqual([
      { source: 'file', day: '2026-07-01', state: 'complete', papers: 1 },
      { source: 'file', day: '2026-07-02', state: 'complete', papers: 1 },
    ]);
  });

  test('running it twice changes nothing', async () => {
    const path = join(folder, 'papers.jsonl');
    await writeFile(path, lines);
    const ctx = contextAt('2026-07-03T08:00:00Z');
    await ingestFile(ctx, path);
    const before = await everything();
    const again = await ingestFile(ctx, path);
    expect(again).toMatchObject({ added: 0, updated: 0, unchanged: 2 });
    expect(await everything()).toEqual(before);
  });

  test('two at once leave what one leaves', async () => {
    const path = join(folder, 'papers.jsonl');
    await writeFile(path, lines);
    const ctx = contextAt('2026-07-03T08:00:00Z');
    const both = await Promise.all([ingestFile(ctx, path), ingestFile(ctx, path)]);
    expect(both.map(({ added }) => added).toSorted((a, b) => a - b)).toEqual([0, 2]);
    expect(await count('listings')).toBe(2);
  });

  test.each([
    ['empty', '', /is empty/],
    ['cut off', '[{"paper":{"id":"2607.00001"', /not complete JSON/],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]), /PNG picture/],
    ['XML of others', '<?xml version="1.0"?><feed/>', /none of arXiv's/],
    ['no papers', '{"status":"success","data":[]}', /"status", "data", not a list of papers/],
  ])('a file that is %s is refused by name, and nothing is stored', async (_, content, reason) => {
    const path = join(folder, 'papers.json');
    await writeFile(path, content);
    const refusal = ingestFile(contextAt('2026-07-03T08:00:00Z'), path);
    await expect(refusal).rejects.toThrow(reason);
    await expect(refusal).rejects.toThrow(path);
    expect(await days()).toEqual([]);
    expect(await count('papers')).toBe(0);
  });
});

describe('ingest of a source', () => {
  test('a list read after its day is complete, one read during it is partial and grows', async () => {
    stand.lists.set('2026-07-01', [entry('2607.00001', 3)]);
    await ingest(contextAt('2026-07-01T15:00:00Z'), { source: 'huggingface', day: '2026-07-01' });
    expect(await days()).toMatchObject([{ state: 'partial', papers: 1 }]);

    stand.lists.set('2026-07-01', [entry('2607.00001', 9), entry('2607.00002', 1)]);
    const result = await ingest(contextAt('2026-07-02T00:10:00Z'), {
      source: 'huggingface',
      day: '2026-07-01',
    });
    expect(result).toEqual({ added: 1, updated: 1, unchanged: 0, rejected: [] });
    expect(await days()).toMatchObject([{ state: 'complete', papers: 2 }]);
    expect(await count('snapshots')).toBe(3);
  });

  test('a failure is noted with its day, and does not undo what was read', async () => {
    stand.lists.set('2026-07-01', [entry('2607.00001', 3)]);
    await ingest(contextAt('2026-07-01T15:00:00Z'), { source: 'huggingface', day: '2026-07-01' });
    stand.broken = true;
    const later = contextAt('2026-07-02T00:10:00Z');
    await expect(ingest(later, { source: 'huggingface', day: '2026-07-01' })).rejects.toThrow('answers 503');
    await expect(ingest(later, { source: 'huggingface', day: '2026-06-30' })).rejects.toThrow('answers 503');
    expect(await days()).toMatchObject([
      { day: '2026-06-30', state: 'failed', papers: 0 },
      { day: '2026-07-01', state: 'partial', papers: 1 },
    ]);
  });

  test('the scheduled reading looks at the days not yet complete and at today', async () => {
    await ingestRecent(contextAt('2026-07-03T09:00:00Z'));
    expect(stand.asked).toEqual(['2026-07-02', '2026-07-03', '2026-07-01', '2026-06-30']);
    stand.asked.length = 0;
    await ingestRecent(contextAt('2026-07-03T12:00:00Z'));
    expect(stand.asked).toEqual(['2026-07-03']);
    stand.asked.length = 0;
    await ingestRecent(contextAt('2026-07-04T00:30:00Z'));
    await ingestRecent(contextAt('2026-07-04T06:00:00Z'));
    expect(stand.asked).toEqual(['2026-07-03', '2026-07-04', '2026-07-03', '2026-07-04']);
  });

  test('a source that fails does not stop the scheduled reading', async () => {
    stand.broken = true;
    await ingestRecent(contextAt('2026-07-03T09:00:00Z'));
    expect(await days()).toHaveLength(4);
  });

  test('the sample edition is a closed list of the day asked for', async () => {
    const { added } = await ingest(contextAt('2026-11-20T06:00:00Z'), {
      source: 'sample',
      day: '2026-11-19',
    });
    expect(added).toBeGreaterThanOrEqual(40);
    expect(await days()).toEqual([{ source: 'sample', day: '2026-11-19', state: 'complete', papers: added }]);
  });

  test('a source that nobody knows is named', async () => {
    await expect(
      ingest(contextAt('2026-07-03T09:00:00Z'), { source: 'bioarxiv', day: '2026-07-02' }),
    ).rejects.toThrow('There is no source "bioarxiv"');
  });
});

describe.skipIf(!recordedData)('the recorded lists of Hugging Face', () => {
  const ctx = () => contextAt('2026-07-18T06:00:00Z');

  test(
    'recorded: 837 records become 836 papers and 837 listings, none rejected',
    { timeout: 60_000 },
    async () => {
      const total = { added: 0, updated: 0, unchanged: 0, rejected: 0 };
      const raw = join(recordedData!, 'hf-daily-papers/raw');
      for (const file of (await readdir(raw)).toSorted()) {
        const { rejected, ...counts } = await ingestFile(ctx(), join(raw, file));
        total.added += counts.added;
        total.updated += counts.updated;
        total.unchanged += counts.unchanged;
        total.rejected += rejected.length;
      }
      // One paper was listed again six days later, with more votes.
      expect(total).toEqual({ added: 836, updated: 1, unchanged: 0, rejected: 0 });
      expect(await count('papers')).toBe(836);
      expect(await count('listings')).toBe(837);
      expect(await days()).toHaveLength(34);
      expect((await days()).every(({ state }) => state === 'complete')).toBe(true);

      const relisted = await database.db
        .selectFrom('papers')
        .select(['first_listed_on', 'revision'])
        .where('key', '=', 'arxiv:2606.11176')
        .executeTakeFirstOrThrow();
      expect(relisted).toEqual({ first_listed_on: '2026-06-10', revision: 2 });
    },
  );

  test('recorded: exactly two files of other times are refused, each with its reason', async () => {
    const drift = join(recordedData!, 'hf-daily-papers/schema-drift');
    const refused = new Map<string, string>();
    for (const file of (await readdir(drift)).toSorted()) {
      try {
        const { added, rejected } = await ingestFile(ctx(), join(drift, file));
        expect(added, file).toBeGreaterThan(0);
        expect(rejected, file).toEqual([]);
      } catch (error) {
        refused.set(file, (error as Error).message);
      }
    }
    expect([...refused.keys()]).toEqual(['2024-12-11.json', '2025-01-10.json']);
    expect(refused.get('2024-12-11.json')).toMatch(/none of which is a JSON object.*Python text/);
    expect(refused.get('2025-01-10.json')).toMatch(/one JSON object with "status", "date", "count", "data"/);
    // Each file's list belongs to the day in its name, also where the entries do not say it.
    expect((await days()).map(({ day }) => day)).toEqual([
      '2024-05-27',
      '2024-06-12',
      '2024-06-18',
      '2025-01-13',
      '2025-03-17',
      '2025-10-06',
      '2025-10-14',
      '2026-01-05',
    ]);
  });
});

const entry = (id: string, upvotes: number) => ({
  paper: { id, title: `Paper ${id}`, summary: 'About something.', upvotes, authors: [{ name: 'A. Author' }] },
  numComments: 1,
});

async function openStandIn(): Promise<typeof stand> {
  const lists = new Map<string, unknown[]>();
  const asked: string[] = [];
  const server = createServer((request, answer) => {
    const day = new URL(request.url!, 'http://localhost').searchParams.get('date')!;
    asked.push(day);
    answer.statusCode = stand.broken ? 503 : 200;
    answer.end(JSON.stringify(lists.get(day) ?? []));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    lists,
    asked,
    broken: false,
  };
}

async function days() {
  return database.db
    .selectFrom('source_days')
    .select(['source', 'day', 'state', 'papers'])
    .orderBy('source')
    .orderBy('day')
    .execute();
}

async function count(table: 'papers' | 'listings' | 'snapshots'): Promise<number> {
  const { n } = await database.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<string>().as('n'))
    .executeTakeFirstOrThrow();
  return Number(n);
}

async function everything() {
  return {
    papers: await database.db.selectFrom('papers').selectAll().orderBy('id').execute(),
    listings: await database.db.selectFrom('listings').selectAll().orderBy('paper_id').execute(),
    snapshots: await database.db.selectFrom('snapshots').selectAll().orderBy('paper_id').execute(),
    days: await database.db.selectFrom('source_days').selectAll().orderBy('day').execute(),
    generation: await database.db.selectFrom('installation').select('data_generation').execute(),
  };
}
