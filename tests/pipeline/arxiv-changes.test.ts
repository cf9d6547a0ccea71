import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Context } from '../../src/context.ts';
import { upsertPapers } from '../../src/db/papers.ts';
import { readSourceCheck } from '../../src/db/source-checks.ts';
import { checkRecentChanges, isCheckDue } from '../../src/pipeline/arxiv-changes.ts';
import { ingestAgain } from '../../src/pipeline/ingest.ts';
import { type ArxivStandIn, openArxivStandIn } from '../support/arxiv-stand-in.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let arxiv: ArxivStandIn;
let warnings: string[];
beforeEach(async () => {
  [database, arxiv, warnings] = [await openTestDatabase(), await openArxivStandIn(), []];
  const papers = ['2609.00001', '2609.00002', '2609.00003'].map((id) => ({
    key: `arxiv:${id}`,
    title: `Before ${id}`,
    url: `https://arxiv.org/abs/${id}`,
    listedOn: '2026-09-22',
    authority: 'feed' as const,
    version: 1,
  }));
  await upsertPapers(database.db, 'arxiv:cs.LG', papers, new Date('2026-09-22T05:30:00Z'));
});
afterEach(async () => {
  await arxiv.close();
  await database.close();
});

const contextAt = (at: string): Context =>
  ({
    db: database.db,
    now: () => new Date(`${at}:00Z`),
    signal: new AbortController().signal,
    config: { sources: ['huggingface', 'arxiv:cs.LG'], arxivBaseUrl: arxiv.baseUrl },
    log: { info() {}, warn: ({ reason }: { reason: string }) => void warnings.push(reason) },
  }) as unknown as Context;

/** The next may ask at once. */
const open = () => database.pool.query(`update source_gates set next_at = '-infinity', silent_until = null`);

const record = (id: string, comment: string): string =>
  `<record><header><identifier>oai:arXiv.org:${id}</identifier></header><metadata><arXivRaw><id>${id}</id>
<version version="v1"><date>Mon, 21 Sep 2026 10:00:00 GMT</date></version><version version="v2"><date>Wed, 23 Sep 2026 10:00:00 GMT</date></version>
<title>After ${id}</title><authors>Ada</authors><categories>cs.LG</categories><comments>${comment}</comments></arXivRaw></metadata></record>`;

const changes = `<OAI-PMH><ListRecords>${record('2609.00001', '9 pages')}${record('2609.00002', 'Withdrawn by the authors because of an error in Theorem 1')}
<record><header status="deleted"><identifier>oai:arXiv.org:2609.00003</identifier></header></record>${record('1001.00009', '')}</ListRecords></OAI-PMH>`;

const papers = async () =>
  (
    await database.db
      .selectFrom('papers')
      .select(['key', 'title', 'version', 'withdrawn_at', 'first_listed_on'])
      .orderBy('key')
      .execute()
  ).map(({ key, title, version, withdrawn_at, first_listed_on }) => [
    key,
    title,
    version,
    withdrawn_at !== null,
    first_listed_on,
  ]);

test('new versions, withdrawals and deletions of papers that we have are taken in once a night; others are not', async () => {
  arxiv.respond = (_, answer) => answer.end(changes);
  await checkRecentChanges(contextAt('2026-09-24T06:29'));
  expect(arxiv.asked).toEqual([]);
  await checkRecentChanges(contextAt('2026-09-24T06:30'));
  const expected = [
    ['arxiv:2609.00001', 'After 2609.00001', 2, false, '2026-09-22'],
    ['arxiv:2609.00002', 'After 2609.00002', 2, true, '2026-09-22'],
    ['arxiv:2609.00003', 'Before 2609.00003', 1, true, '2026-09-22'],
  ];
  expect(await papers()).toEqual(expected);
  await open();
  await checkRecentChanges(contextAt('2026-09-24T23:00'));
  expect(arxiv.asked.map(({ searchParams }) => searchParams.get('from'))).toEqual(['2026-09-23']);
  // After two days' outage everything since is asked for, the last known day included.
  await checkRecentChanges(contextAt('2026-09-27T07:00'));
  expect(arxiv.asked.at(-1)!.searchParams.get('from')).toBe('2026-09-23');
  expect(await readSourceCheck(database.db, 'arxiv:cs.LG')).toMatchObject({ through: '2026-09-26' });
  expect(await papers()).toEqual(expected);
  expect(warnings).toEqual([]);
});

test('what was read can be parsed again, and changes nothing', async () => {
  arxiv.respond = (_, answer) => answer.end(changes);
  await checkRecentChanges(contextAt('2026-09-24T06:30'));
  const before = await papers();
  expect(await ingestAgain(contextAt('2026-09-25T09:00'))).toEqual({
    added: 0,
    updated: 0,
    unchanged: 2,
    rejected: [],
  });
  expect(await papers()).toEqual(before);
});

test('a check that failed is said, and tried again in an hour', async () => {
  arxiv.respond = (_, answer) => answer.writeHead(503, { 'retry-after': '600' }).end();
  await checkRecentChanges(contextAt('2026-09-24T06:30'));
  expect(warnings).toEqual(['arXiv says that it is busy (503): nobody asks it for 10 minutes.']);
  await open();
  await checkRecentChanges(contextAt('2026-09-24T07:00'));
  expect(arxiv.asked).toHaveLength(1);
  arxiv.respond = (_, answer) => answer.end(changes);
  await checkRecentChanges(contextAt('2026-09-24T07:30'));
  expect(await readSourceCheck(database.db, 'arxiv:cs.LG')).toMatchObject({ through: '2026-09-23' });
});

test('a check is due after 06:30 UTC, once a day, and after a failure once an hour', () => {
  const due = (now: string, through: string | null, tried: string) =>
    isCheckDue(new Date(`2026-09-24T${now}Z`), { through, triedAt: new Date(`2026-09-${tried}Z`) });
  expect(due('06:30', '2026-09-22', '23T06:30')).toBe(true);
  expect(due('05:00', '2026-09-22', '23T06:30')).toBe(false);
  expect(due('08:00', '2026-09-23', '24T06:30')).toBe(false);
  expect(due('08:00', null, '24T06:30')).toBe(true);
  expect(due('07:00', '2026-09-22', '24T06:30')).toBe(false);
});
