import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { arxivSource } from '../../src/sources/arxiv-api.ts';
import { arxivInterface } from '../../src/sources/arxiv-request.ts';
import type { Answer, SourceGate } from '../../src/sources/source.ts';

type Respond = (request: IncomingMessage, answer: ServerResponse) => void;

let server: Server;
let baseUrl: string;
let asked: IncomingMessage[];
let respond: Respond;
let silences: [number, string][];
let kept: Answer[];

/** Lets everyone pass, and remembers who asked for silence. */
const gate: SourceGate = {
  pass: (_, ask) => ask(),
  silence: async (forMs, reason) => void silences.push([forMs, reason]),
};

beforeEach(async () => {
  [asked, silences, kept] = [[], [], []];
  server = createServer((request, answer) => {
    asked.push(request);
    respond(request, answer);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const feed = (day: string, ids: string[]): string =>
  `<rss><channel><pubDate>${day} 00:00:00 -0400</pubDate>${ids
    .map(
      (id) =>
        `<item><title>T ${id}</title><guid>oai:arXiv.org:${id}v1</guid><announce_type>new</announce_type></item>`,
    )
    .join('')}</channel></rss>`;
const thursday = feed('Thu, 24 Sep 2026', ['2609.00001', '2609.00002']);

const source = (categories = 'cs.LG+cs.CV', timeoutMs = 2000) =>
  arxivSource({ baseUrl, categories, now: () => new Date('2026-09-24T05:30:00Z'), gate, timeoutMs });
const read = (options: { newest?: Answer; categories?: string; timeoutMs?: number } = {}) =>
  source(options.categories, options.timeoutMs).read('2026-09-24', new AbortController().signal, {
    keep: async (answer) => void kept.push(answer),
    newest: options.newest,
  });

describe('the announcement', () => {
  test('is read in one request that says who asks', async () => {
    respond = (_, answer) => answer.setHeader('etag', '"v1"').end(thursday);
    const { papers, announcedOn } = await read();
    expect(papers.map(({ key }) => key)).toEqual(['arxiv:2609.00001', 'arxiv:2609.00002']);
    expect(announcedOn).toBe('2026-09-24');
    expect(asked.map(({ url }) => url)).toEqual(['/rss/cs.LG+cs.CV']);
    expect(asked[0]!.headers['user-agent']).toMatch(/^broadsheet\//);
    expect(kept).toEqual([{ pages: [thursday], closed: true, etag: '"v1"' }]);
  });

  test('that has not changed is not sent again', async () => {
    respond = (request, answer) =>
      request.headers['if-none-match'] === '"v1"' ? answer.writeHead(304).end() : answer.writeHead(500).end();
    const { papers } = await read({ newest: { pages: [thursday], closed: true, etag: '"v1"' } });
    expect(papers).toHaveLength(2);
    expect(kept).toEqual([]);
  });

  test('of another day says so', async () => {
    respond = (_, answer) => answer.end(feed('Wed, 23 Sep 2026', ['2609.00001']));
    expect((await read()).announcedOn).toBe('2026-09-23');
  });

  test('is kept before anybody looks into it', async () => {
    respond = (_, answer) => answer.end('<feed2/>');
    await expect(read()).rejects.toThrow("arXiv's feed of cs.LG+cs.CV is XML that begins with <feed2>");
    expect(kept).toHaveLength(1);
  });

  test('is followed to another path, never to another origin', async () => {
    respond = (request, answer) =>
      request.url === '/rss/cs.LG+cs.CV'
        ? answer.writeHead(301, { location: '/rss2/x' }).end()
        : answer.end(thursday);
    expect((await read()).papers).toHaveLength(2);
    respond = (_, answer) => answer.writeHead(302, { location: 'http://evil.example/rss' }).end();
    await expect(read()).rejects.toThrow('redirects its feed to http://evil.example');
    respond = (request, answer) => answer.writeHead(302, { location: request.url! }).end();
    await expect(read()).rejects.toThrow('too often');
    respond = (_, answer) => answer.writeHead(302, { location: 'http://[' }).end();
    await expect(read()).rejects.toThrow('to no address');
    respond = (_, answer) => answer.writeHead(301, { location: 'file:///etc/passwd' }).end();
    await expect(read()).rejects.toThrow('redirects its feed to null');
  });

  test('of a category that does not exist is not asked for', async () => {
    respond = (_, answer) => answer.end(thursday);
    await expect(read({ categories: 'cs.LG+cs.ML' })).rejects.toThrow('arXiv has no category cs.ML');
    expect(asked).toHaveLength(0);
    expect((await read({ categories: 'cs+math-ph' })).papers).toHaveLength(2);
  });
});

describe('silence', () => {
  test.each<[string, Respond, number]>([
    ['429', (_, answer) => answer.writeHead(429).end('Rate exceeded.'), 600_000],
    [
      '429 that says how long',
      (_, answer) => answer.writeHead(429, { 'retry-after': '3600' }).end(),
      3_600_000,
    ],
    [
      '429 that says too long',
      (_, answer) => answer.writeHead(429, { 'retry-after': '999999' }).end(),
      21_600_000,
    ],
    ['429 that says too short', (_, answer) => answer.writeHead(429, { 'retry-after': '1' }).end(), 600_000],
    ['"Rate exceeded." with 200', (_, answer) => answer.end('Rate exceeded.'), 600_000],
    ['503', (_, answer) => answer.writeHead(503, { 'retry-after': '120' }).end('<html>'), 120_000],
    ['503 without a word', (_, answer) => answer.writeHead(503).end(), 60_000],
  ])('follows on %s', async (_, answer, forMs) => {
    respond = answer;
    await expect(read()).rejects.toMatchObject({ name: 'SourceError', kind: 'refused' });
    expect(silences).toEqual([[forMs, expect.stringMatching(/^arXiv said /)]]);
    expect(kept).toEqual([]);
  });

  test.each<[string, Respond, RegExp]>([
    ['down', (_, answer) => answer.writeHead(500).end(), /answers 500.*asked again/],
    ['gone', (_, answer) => answer.writeHead(404).end(), /answers 404/],
    ['an HTML page', (_, answer) => answer.end('<html><body>Sorry'), /is an HTML page/],
    ['cut off', (_, answer) => answer.end(thursday.slice(0, 200)), /is not complete XML/],
    ['a 304 that nobody asked for', (_, answer) => answer.writeHead(304).end(), /answers 304/],
    ['a broken connection', (request) => request.socket.destroy(), /no connection/],
    [
      'a connection that breaks in the middle',
      (request, answer) => {
        answer.writeHead(200, { 'content-length': '99999' });
        answer.write('<rss>', () => request.socket.destroy());
      },
      /no connection/,
    ],
  ])('does not follow on an answer that is %s', async (_, answer, message) => {
    respond = answer;
    await expect(read()).rejects.toThrow(message);
    expect(silences).toEqual([]);
  });

  test('nor on one that does not come, nor on one that does not end', async () => {
    respond = () => {};
    await expect(read({ timeoutMs: 60 })).rejects.toThrow('no answer in 0.06 s');
    respond = (_, answer) => {
      const more = Buffer.alloc(1024 * 1024, 0x20);
      const write = (): void => {
        if (!answer.destroyed) answer.write(more, () => setImmediate(write));
      };
      write();
    };
    await expect(read({ timeoutMs: 20_000 })).rejects.toThrow('larger than 32 MB');
  });
});

test('all interfaces live under another base; at home each has its own host', () => {
  expect(arxivInterface('http://127.0.0.1:9', 'rss')).toBe('http://127.0.0.1:9/rss');
  expect(arxivInterface('http://127.0.0.1:9', 'oai')).toBe('http://127.0.0.1:9/oai');
  expect(arxivInterface('https://export.arxiv.org', 'rss')).toBe('https://rss.arxiv.org/rss');
  expect(arxivInterface('https://export.arxiv.org', 'api/query')).toBe('https://export.arxiv.org/api/query');
  expect(arxivInterface('https://export.arxiv.org', 'oai')).toBe('https://oaipmh.arxiv.org/oai');
});
