import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syncCuratedTopics } from '../../src/db/topics.ts';
import { atomOf } from '../../src/web/atom.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay } from '../support/seed.ts';
import { openSite, type Site } from './site.ts';

let ctx: TestContext;
let site: Site;

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', delivers: false });
  site = openSite(ctx);
  await syncCuratedTopics(ctx.db);
  const twice = { key: 'arxiv:2603.00001', title: 'Listed twice & <b>bold</b>', votes: 9 };
  await seedDay(ctx, '2026-03-18', [twice, { title: 'Proteins', abstract: 'They fold.' }]);
  await seedDay(ctx, '2026-03-19', [twice, { title: 'Robots', abstract: 'Robots grasp.' }]);
});
afterAll(() => ctx.close());

interface ParsedFeed {
  feed: {
    id: string;
    title: string;
    updated: string;
    entry?: { id: string; title: string; content: unknown }[];
  };
}

function parse(body: string): ParsedFeed {
  expect(XMLValidator.validate(body)).toBe(true);
  return new XMLParser({ isArray: (name) => name === 'entry', processEntities: true }).parse(
    body,
  ) as ParsedFeed;
}

test('whatever the texts are, the feed is well-formed XML that says them', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(']]>', '<!--', '&amp;', '\0', '\uffff', '\ud800', '"/><x', '<?php'),
  );
  fc.assert(
    fc.property(text, text, (title, html) => {
      const updated = new Date(0);
      const entry = { id: 'urn:x', title, url: title, updated, authors: [title], html };
      const body = atomOf({ id: 'urn:y', title, selfUrl: html, pageUrl: html, updated, entries: [entry] });
      expect(XMLValidator.validate(body)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('the public feed has the newest papers once each, by day and votes, for feed programs', async () => {
  const { status, headers, body } = await site.get('/papers.atom');
  expect([status, headers.get('content-type')]).toEqual([200, 'application/atom+xml; charset=utf-8']);
  const { feed } = parse(body);
  expect(feed.updated).toBe('2026-03-19T00:00:00.000Z');
  expect(feed.entry!.map(({ title }) => title)).toEqual(
    ['Listed twice &amp; &lt;b&gt;bold&lt;/b&gt;', 'Robots', 'Proteins'].map(unescaped),
  );
  expect(new Set(feed.entry!.map(({ id }) => id)).size).toBe(3);
  expect((await site.get('/papers.atom', { 'if-none-match': headers.get('etag')! })).status).toBe(304);
});

test('a topic has a feed of its own, and no feed is there for what is none', async () => {
  const { feed } = parse((await site.get('/papers.atom?topic=robotics')).body);
  expect([feed.title, feed.entry!.map(({ title }) => title).includes('Proteins')]).toEqual([
    'Broadsheet: Robotics',
    false,
  ]);
  expect((await site.get('/papers.atom?topic=x')).status).toBe(404);
});

test('pages of the archive tell feed programs where it is', async () => {
  expect((await site.get('/papers/week')).body).toContain(
    '<link rel="alternate" type="application/atom+xml" title="Broadsheet: the day’s papers" href="/papers.atom"/>',
  );
});

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
