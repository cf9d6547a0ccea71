import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findByAddress } from '../../src/db/subscribers.ts';
import { everyDay } from '../../src/domain/cadence.ts';
import { readPreferences, savePreferences } from '../../src/pipeline/preferences.ts';
import { confirm, subscribe } from '../../src/pipeline/subscription.ts';
import { fetchWantedPapers } from '../../src/pipeline/wanted-papers.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay } from '../support/seed.ts';
import { wipe } from '../support/wipe.ts';

const usual = { timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 3 };
const address = 'ada@uni.test';
let ctx: TestContext;
let server: Server;
let asked: URLSearchParams[];
let status: number;

beforeAll(async () => {
  server = createServer((message, answer) => {
    const url = new URL(message.url!, 'http://x');
    asked.push(url.searchParams);
    if (status !== 200) return void answer.writeHead(status).end();
    // arXiv leaves out what it does not have.
    const ids = url.searchParams
      .get('id_list')!
      .split(',')
      .filter((id) => id !== '2501.99999');
    answer.writeHead(200, { 'content-type': 'application/atom+xml' }).end(feedOf(ids));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  ctx = await openTestContext({ delivers: false, env: { ARXIV_BASE_URL: `http://127.0.0.1:${port}` } });
});
afterAll(async () => {
  await ctx?.close();
  server.close();
});
beforeEach(async () => {
  await wipe(ctx);
  asked = [];
  status = 200;
  await seedDay(ctx, '2026-03-19', [{ title: 'Robots that learn to grasp' }]);
});

function feedOf(ids: string[]): string {
  const entries = ids.map(
    (id) => `<entry><id>http://arxiv.org/abs/${id}v1</id><title>Grasping, paper ${id}</title>
      <summary>Robots learn to grasp.</summary><published>2025-01-02T00:00:00Z</published>
      <author><name>Ada Lovelace</name></author><category term="cs.RO"/></entry>`,
  );
  return `<feed xmlns="http://www.w3.org/2005/Atom"><id>http://arxiv.org/api/x</id>${entries.join('')}</feed>`;
}

async function join(topics: string[]) {
  await subscribe(ctx, { ...usual, topics, address, consent: 'form' });
  const { id: subscriberId } = (await findByAddress(ctx.db, address))!;
  return { purpose: 'preferences' as const, subscriberId, addressVersion: 1 };
}

test('a paper that nobody listed here is fetched once its reader confirmed, and then followed', async () => {
  const claims = await join(['robots', 'like: 2501.00001']);
  expect(await fetchWantedPapers(ctx)).toBe(0);
  expect(asked).toEqual([]);

  expect(await confirm(ctx, { ...claims, purpose: 'confirm' })).toBe('confirmed');
  expect(await readPreferences(ctx, claims)).toMatchObject({ wantedPapers: ['arxiv:2501.00001'] });
  expect(await fetchWantedPapers(ctx)).toBe(1);
  expect(asked.map((query) => query.get('id_list'))).toEqual(['2501.00001']);
  const { topics, wantedPapers } = (await readPreferences(ctx, claims))!;
  expect(wantedPapers).toEqual([]);
  expect(topics.map(({ name }) => name).toSorted()).toEqual([
    'like: 2501.00001 Grasping, paper 2501.00001',
    'robots',
  ]);
  // Known, and on no list: it is no candidate itself.
  const { rows } = await ctx.pool.query(
    'select 1 from listings l join papers p on p.id = l.paper_id where p.key = $1',
    ['arxiv:2501.00001'],
  );
  expect(rows).toEqual([]);
  expect(await fetchWantedPapers(ctx)).toBe(0);
  expect(asked).toHaveLength(1);
});

test('what arXiv does not have is given up, and while it is away everything waits', async () => {
  const claims = await join(['robots']);
  await confirm(ctx, { ...claims, purpose: 'confirm' });
  const wish = { ...usual, topics: ['robots', 'like: 2501.00001', 'like: 2501.99999'] };
  expect(await savePreferences(ctx, claims, wish)).toHaveProperty('saved');
  status = 404;
  expect(await fetchWantedPapers(ctx)).toBe(0);
  expect((await readPreferences(ctx, claims))!.wantedPapers).toHaveLength(2);
  status = 200;
  await ctx.db.deleteFrom('source_gates').execute();
  expect(await fetchWantedPapers(ctx)).toBe(1);
  const { topics, wantedPapers } = (await readPreferences(ctx, claims))!;
  expect([topics.length, wantedPapers]).toEqual([2, []]);
});

test('taken out of the form before it came, it is not followed', async () => {
  const claims = await join(['robots']);
  await confirm(ctx, { ...claims, purpose: 'confirm' });
  await savePreferences(ctx, claims, { ...usual, topics: ['robots', 'like: 2501.00001'] });
  await savePreferences(ctx, claims, { ...usual, topics: ['robots'] });
  expect(await fetchWantedPapers(ctx)).toBe(0);
  expect(asked).toEqual([]);
});
