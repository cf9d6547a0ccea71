import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { huggingfaceSource, reachable } from '../../src/sources/huggingface-api.ts';

type Answer = (request: IncomingMessage, answer: ServerResponse) => void;

let server: Server;
let baseUrl: string;
let asked: string[];
let respond: Answer;

beforeEach(async () => {
  asked = [];
  server = createServer((request, answer) => {
    asked.push(request.url!);
    respond(request, answer);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const entry = (n: number) => ({ paper: { id: `2607.${String(n).padStart(5, '0')}`, title: `Paper ${n}` } });
const read = (day = '2026-07-01', now = '2026-07-02T00:00:00Z', timeoutMs = 2000) =>
  huggingfaceSource({ baseUrl, now: () => new Date(now), timeoutMs }).read(day, new AbortController().signal);

describe('reading a day', () => {
  test('follows the next links to the end', async () => {
    respond = (request, answer) => {
      const page = Number(new URL(request.url!, baseUrl).searchParams.get('p') ?? 0);
      const next = `</api/daily_papers?date=2026-07-01&limit=100&p=${page + 1}>; rel="next"`;
      if (page < 2) answer.setHeader('link', next);
      answer.end(JSON.stringify([entry(page * 2), entry(page * 2 + 1)]));
    };
    const { papers, closed } = await read();
    expect(papers.map(({ title }) => title)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `Paper ${n}`));
    expect(papers.every(({ listedOn }) => listedOn === '2026-07-01')).toBe(true);
    expect(closed).toBe(true);
    expect(asked[0]).toBe('/api/daily_papers?date=2026-07-01&limit=100');
  });

  test('is closed only when the day had ended', async () => {
    respond = (_, answer) => answer.end('[]');
    expect((await read('2026-07-01', '2026-07-01T23:59:59Z')).closed).toBe(false);
    expect((await read('2026-07-01', '2026-07-02T00:00:00Z')).closed).toBe(true);
  });

  test('that has not begun gives an open, empty list; a refusal of a past one is an error', async () => {
    respond = (_, answer) => answer.writeHead(400).end('{"error":"date is in the future"}');
    expect(await read('2026-07-03', '2026-07-02T12:00:00Z')).toEqual({
      papers: [],
      rejected: [],
      closed: false,
    });
    await expect(read('2026-07-01')).rejects.toMatchObject({ name: 'SourceError', kind: 'refused' });
  });

  test('never leaves the origin, neither by a next link nor by a redirect', async () => {
    respond = (_, answer) => answer.setHeader('link', '<http://evil.example/more>; rel="next"').end('[]');
    await expect(read()).rejects.toThrow('goes on at http://evil.example');
    respond = (_, answer) => answer.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    await expect(read()).rejects.toThrow('answers 302');
    expect(asked).toHaveLength(2);
  });

  test('stops where pages have no end', async () => {
    let page = 0;
    respond = (_, answer) =>
      answer.setHeader('link', `</api/daily_papers?p=${++page}>; rel="next"`).end('[]');
    await expect(read()).rejects.toThrow('has no end');
    respond = (request, answer) => answer.setHeader('link', `<${request.url}>; rel="next"`).end('[]');
    await expect(read()).rejects.toThrow('has no end: stopped after 1 pages');
  });

  test.each<[string, Answer, RegExp]>([
    ['busy', (_, answer) => answer.writeHead(429).end(), /answers 429.*asked again/],
    ['down', (_, answer) => answer.writeHead(503).end(), /answers 503/],
    ['an HTML page', (_, answer) => answer.end('<html>'), /is not JSON/],
    ['an object', (_, answer) => answer.end('{}'), /is not a list/],
    ['cut off', (_, answer) => answer.end('[{"paper":'), /is not JSON, or broke off/],
    ['a broken connection', (request) => request.socket.destroy(), /no connection/],
  ])('says so when the answer is %s', async (_, answer, message) => {
    respond = answer;
    await expect(read()).rejects.toThrow(message);
  });

  test('gives up on a page that does not come, and on one that does not end', async () => {
    respond = () => {};
    await expect(read('2026-07-01', '2026-07-02T00:00:00Z', 60)).rejects.toThrow('no answer in 0.06 s');
    respond = (_, answer) => {
      const more = Buffer.alloc(1024 * 1024, 0x20);
      const write = (): void => {
        if (!answer.destroyed) answer.write(more, () => setImmediate(write));
      };
      write();
    };
    await expect(read('2026-07-01', '2026-07-02T00:00:00Z', 10_000)).rejects.toThrow('larger than 16 MB');
  });
});

describe('whether anything answers', () => {
  test('is known within the time given', async () => {
    respond = (_, answer) => answer.end('[]');
    expect(await reachable(baseUrl, 1000)).toBe(true);
    respond = () => {};
    expect(await reachable(baseUrl, 50)).toBe(false);
    expect(await reachable('http://127.0.0.1:1', 1000)).toBe(false);
  });
});
