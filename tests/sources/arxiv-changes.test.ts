import { afterEach, beforeEach, expect, test } from 'vitest';

import { setOfSubject } from '../../src/domain/arxiv-categories.ts';
import { parseChanges, readChanges } from '../../src/sources/arxiv-changes.ts';
import { type ArxivStandIn, openArxivStandIn, type Respond } from '../support/arxiv-stand-in.ts';

let arxiv: ArxivStandIn;
beforeEach(async () => {
  arxiv = await openArxivStandIn();
});
afterEach(() => arxiv.close());

const record = (id: string, { version = 1, comment = '' } = {}): string =>
  `<record><header><identifier>oai:arXiv.org:${id}</identifier><datestamp>2026-09-23</datestamp></header><metadata>
<arXivRaw><id>${id}</id>${Array.from({ length: version }, (_, n) => `<version version="v${n + 1}"><date>Mon, 21 Sep 2026 10:00:00 GMT</date></version>`).join('')}
<title>T ${id}</title><authors>Ada Lovelace and Kenji Ito</authors><categories>cs.LG</categories><comments>${comment}</comments><abstract>A.</abstract></arXivRaw></metadata></record>`;
const gone = (id: string): string =>
  `<record><header status="deleted"><identifier>oai:arXiv.org:${id}</identifier></header></record>`;
const list = (records: string[], token?: string): string =>
  `<OAI-PMH><request verb="ListRecords">x</request><ListRecords>${records.join('')}${token === undefined ? '' : `<resumptionToken>${token}</resumptionToken>`}</ListRecords></OAI-PMH>`;
const error = (code: string): string => `<OAI-PMH><error code="${code}">words</error></OAI-PMH>`;

const read = (categories = 'cs.LG', timeoutMs = 10_000) =>
  readChanges(
    { baseUrl: arxiv.baseUrl, gate: arxiv.gate, categories, timeoutMs },
    '2026-09-23',
    new AbortController().signal,
  );

test('changes are read to the end of their list, by tokens that are given back as they came', async () => {
  const token = 'verb%3DListRecords%26skip%3D1&amp;from=http://evil.example/';
  arxiv.respond = (asked, answer) =>
    answer.end(
      asked.searchParams.has('resumptionToken')
        ? list(
            [record('2609.00002', { version: 3, comment: 'This paper has been withdrawn by the authors' })],
            '',
          )
        : list([record('2609.00001', { version: 2 }), gone('2609.00003')], token),
    );
  const { papers, deleted } = parseChanges(await read(), '2026-09-23');
  expect(
    papers.map(({ key, version, withdrawn, isUnlisted }) => [key, version, withdrawn, isUnlisted]),
  ).toEqual([
    ['arxiv:2609.00001', 2, undefined, true],
    ['arxiv:2609.00002', 3, true, true],
  ]);
  expect(deleted).toEqual(['arxiv:2609.00003']);
  expect(arxiv.passes).toBe(2);
  expect(
    arxiv.asked.map(({ pathname, searchParams }) => [pathname, Object.fromEntries(searchParams)]),
  ).toEqual([
    ['/oai', { verb: 'ListRecords', metadataPrefix: 'arXivRaw', from: '2026-09-23', set: 'cs:cs:LG' }],
    ['/oai', { verb: 'ListRecords', resumptionToken: token.replace('&amp;', '&') }],
  ]);
});

test('a category in which nothing changed is no fault', async () => {
  arxiv.respond = (asked, answer) =>
    answer.end(
      asked.searchParams.get('set') === 'math' ? error('noRecordsMatch') : list([record('2609.00001')]),
    );
  expect(parseChanges(await read('math+cs.LG'), '2026-09-23').papers).toHaveLength(1);
});

test.each<[string, Respond, RegExp, number[]]>([
  ['a circle', (_, answer) => answer.end(list([record('2609.00001')], 'again')), /lead in a circle/, []],
  ['a token without end', (_, answer) => answer.end(list([], 'x'.repeat(2001))), /lead in a circle/, []],
  [
    'an expired token',
    (_, answer) => answer.end(error('badResumptionToken')),
    /refusal badResumptionToken/,
    [],
  ],
  ['an HTML page', (_, answer) => answer.end('<html><body>'), /is an HTML page/, []],
  ['a feed', (_, answer) => answer.end('<rss><channel/></rss>'), /is no answer of OAI-PMH/, []],
  ['half an answer', (_, answer) => answer.end(list([record('1')]).slice(0, 300)), /not complete XML/, []],
  ['a 404', (_, answer) => answer.writeHead(404).end(), /answers 404/, []],
  ['a 429', (_, answer) => answer.writeHead(429).end('Rate exceeded.'), /for 10 minutes/, [600_000]],
  [
    'a 503 that says how long',
    (_, answer) => answer.writeHead(503, { 'retry-after': '900' }).end('<html>'),
    /for 15 minutes/,
    [900_000],
  ],
])('%s ends it with a reason', async (_, answer, message, silences) => {
  arxiv.respond = answer;
  await expect(read()).rejects.toThrow(message);
  expect(arxiv.silences).toEqual(silences);
});

test('an answer that does not come ends it as well', async () => {
  arxiv.respond = () => {};
  await expect(read('cs.LG', 60)).rejects.toThrow('no answer in 0.06 s');
});

test('a list without an end is given up', async () => {
  let page = 0;
  arxiv.respond = (_, answer) => answer.end(list([], `token ${(page += 1)}`));
  await expect(read()).rejects.toThrow('go on after 60 answers');
  expect(arxiv.passes).toBe(60);
});

test.each([
  ['cs.LG', 'cs:cs:LG'],
  ['cs', 'cs'],
  ['hep-th', 'physics:hep-th'],
  ['astro-ph', 'physics:astro-ph'],
  ['cond-mat.soft', 'physics:cond-mat:soft'],
  ['nlin.CD', 'physics:nlin:CD'],
  ['physics.optics', 'physics:physics:optics'],
  ['physics', 'physics:physics'],
  ['q-bio.NC', 'q-bio:q-bio:NC'],
  ['math.MP', 'physics:math-ph'],
])('%s is the set %s', (subject, set) => expect(setOfSubject(subject)).toBe(set));
