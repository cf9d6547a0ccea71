import { afterEach, beforeEach, expect, test } from 'vitest';

import { readPastDay } from '../../src/sources/arxiv-past.ts';
import type { Answer } from '../../src/sources/source.ts';
import { type ArxivStandIn, openArxivStandIn, type Respond } from '../support/arxiv-stand-in.ts';

let arxiv: ArxivStandIn;
let kept: Answer[];
beforeEach(async () => {
  arxiv = await openArxivStandIn();
  kept = [];
});
afterEach(() => arxiv.close());

const page = (total: number, ids: string[]): string =>
  `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
<id>http://arxiv.org/api/abc</id><opensearch:totalResults>${total}</opensearch:totalResults>${ids
    .map(
      (id) =>
        `<entry><id>http://arxiv.org/abs/${id}</id><title>T ${id}</title><category term="cs.LG"/><published>2026-09-22T10:00:00Z</published></entry>`,
    )
    .join('')}</feed>`;
const ids = (start: number, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `2609.${String(start + n).padStart(5, '0')}v1`);

const read = (categories = 'cs.LG+math', now = '2026-09-24T10:00:00Z') =>
  readPastDay(
    {
      baseUrl: arxiv.baseUrl,
      categories,
      gate: arxiv.gate,
      now: () => new Date(now),
      timeoutMs: 2000,
    },
    '2026-09-23',
    new AbortController().signal,
    { keep: async (answer) => void kept.push(answer) },
  );

test('the papers received for a day are asked for page by page, each in its turn', async () => {
  arxiv.respond = (asked, answer) => {
    const start = Number(asked.searchParams.get('start'));
    answer.end(page(1500, ids(start + 1, Math.min(1000, 1500 - start))));
  };
  const { papers, announcedOn, closed } = await read();
  expect([papers.length, announcedOn, closed]).toEqual([1500, '2026-09-23', true]);
  expect(papers.every(({ listedOn, isUnlisted }) => listedOn === '2026-09-23' && !isUnlisted)).toBe(true);
  expect(arxiv.passes).toBe(2);
  expect(arxiv.asked.map(({ pathname, searchParams }) => [pathname, searchParams.get('start')])).toEqual([
    ['/api/query', '0'],
    ['/api/query', '1000'],
  ]);
  expect(arxiv.asked[0]!.searchParams.get('search_query')).toBe(
    '(cat:cs.LG OR cat:math.*) AND submittedDate:[202609211800 TO 202609221800]',
  );
  expect(kept.map(({ pages }) => pages.length)).toEqual([2]);
});

test('a day without papers is an empty list', async () => {
  arxiv.respond = (_, answer) => answer.end(page(0, []));
  expect((await read()).papers).toEqual([]);
});

test.each<[string, Respond, RegExp, number]>([
  ['an empty page in the middle', (_, answer) => answer.end(page(3000, [])), /broke off at 0 of 3000/, 0],
  [
    'an error feed',
    (_, answer) =>
      answer.end(
        '<feed xmlns="http://www.w3.org/2005/Atom"><id>http://arxiv.org/api/errors</id><entry><id>http://arxiv.org/api/errors#x</id><title>Error</title><summary>incorrect id</summary></entry></feed>',
      ),
    /arXiv's error "incorrect id"/,
    0,
  ],
  ['a 400', (_, answer) => answer.writeHead(400).end('<feed/>'), /answers 400 for its list of 2026-09-23/, 0],
  ['a feed', (_, answer) => answer.end('<rss><channel/></rss>'), /is none of its query API's/, 0],
  ['half an answer', (_, answer) => answer.end(page(5, ids(1, 5)).slice(0, 500)), /not complete XML/, 0],
  ['"Rate exceeded."', (_, answer) => answer.end('Rate exceeded.'), /for 10 minutes/, 1],
  [
    'a 503 with a date',
    (_, answer) =>
      answer.writeHead(503, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }).end('<html>'),
    /for 60 minutes/,
    1,
  ],
  [
    'another origin',
    (_, answer) => answer.writeHead(302, { location: 'http://evil.example/' }).end(),
    /only http:\/\/127/,
    0,
  ],
  [
    'more than there can be',
    (_, answer) => answer.end(page(1_000_000, ids(1, 1))),
    /has 1000000 papers for 2026-09-23: name fewer/,
    0,
  ],
])('%s is no list', async (_, answer, message, silent) => {
  arxiv.respond = answer;
  await expect(read()).rejects.toThrow(message);
  expect(arxiv.silences).toHaveLength(silent);
  expect(arxiv.passes).toBeLessThanOrEqual(12);
});

test('nobody asks in the hour and a half after the announcement', async () => {
  arxiv.respond = (_, answer) => answer.end(page(0, []));
  for (const time of ['00:00', '00:45', '01:29']) {
    await expect(read('cs.LG', `2026-09-24T${time}:30Z`)).rejects.toThrow(
      'not asked between 00:00 and 01:30',
    );
  }
  expect(arxiv.asked).toEqual([]);
  expect((await read('cs.LG', '2026-09-24T01:30:00Z')).papers).toEqual([]);
});
