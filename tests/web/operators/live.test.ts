import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { latest, openLive } from '../../../src/web/operators/live.ts';
import { webApp } from '../../../src/web/app.tsx';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { seedDay, seedReaders } from '../../support/seed.ts';
import { deliverAll, planAndCompose } from '../../support/steps.ts';
import { elements, textOf } from '../site.ts';

let ctx: TestContext;
beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', env: { MAIL_RATE_PER_SECOND: '1000' } });
  await seedDay(ctx, '2026-03-19', 5);
  await seedReaders(ctx, 3);
});
afterAll(() => ctx.close());

const basic = { authorization: `Basic ${Buffer.from('anyone:only for tests').toString('base64')}` };

/** The events of an answer, one at a time. */
function eventsOf(response: Response): { next(): Promise<string | undefined>; stop(): Promise<void> } {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async next() {
      while (!text.includes('\n\n')) {
        const { value, done } = await reader.read();
        if (done) return undefined;
        text += value;
      }
      const event = text.slice(0, text.indexOf('\n\n'));
      text = text.slice(event.length + 2);
      return event;
    },
    stop: () => reader.cancel(),
  };
}

test('the page of the day hears how the ledger fills, in the markup it was made of', async () => {
  const app = webApp(ctx);
  const whole = await (
    await app.request('/operators', { headers: { ...basic, accept: 'text/html' } })
  ).text();
  const answer = await app.request('/operators/live', { headers: basic });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const events = eventsOf(answer);
  const first = (await events.next())!;
  expect(first).toMatch(/^event: day\ndata: <p class="sentence">No edition yet/);
  expect(whole).toContain('<p class="sentence">No edition yet');
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  let told = '';
  while (!told.includes('3 of 3 accepted')) told = textOf((await events.next())!);
  expect(told).toContain('Rate');
  await events.stop();
});

test('the page allows just this one connection and script, both its own', async () => {
  const app = webApp(ctx);
  const page = await app.request('/operators', { headers: { ...basic, accept: 'text/html' } });
  expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'");
  const [script] = elements(await page.text(), 'script');
  const answer = await app.request(script!['src']!, { headers: basic });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/javascript; charset=utf-8',
  ]);
});

test('nobody listens without the password, and more than thirty pages are told to reload', async () => {
  const app = webApp(ctx);
  expect((await app.request('/operators/live')).status).toBe(401);
  const open = await Promise.all(
    Array.from({ length: 30 }, async () => app.request('/operators/live', { headers: basic })),
  );
  expect(open.map(({ status }) => status)).toEqual(Array(30).fill(200));
  expect((await app.request('/operators/live', { headers: basic })).status).toBe(503);
  await Promise.all(open.map((answer) => answer.body!.cancel()));
  const again = await app.request('/operators/live', { headers: basic });
  expect(again.status).toBe(200);
  await again.body!.cancel();
});

test('a server that closes ends what would go on for ever', async () => {
  const ending = new AbortController();
  const answer = await webApp(ctx, { ending: ending.signal }).request('/operators/live', { headers: basic });
  const events = eventsOf(answer);
  await events.next();
  ending.abort();
  expect(await events.next()).toBeUndefined();
});

describe('one look for all', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test('however many listen, there is one look at a time, and none when nobody does', async () => {
    let looks = 0;
    const live = openLive({ look: async () => `news ${Math.floor(looks++ / 2)}`, everyMs: 1000 });
    const told: string[][] = [[], [], []];
    const stops = told.map((list) => live.listen((news) => list.push(news))!);
    await vi.advanceTimersByTimeAsync(3000);
    expect(looks).toBe(4);
    expect(told).toEqual(Array(3).fill(['news 0', 'news 1']));
    const late: string[] = [];
    stops.push(live.listen((news) => late.push(news))!);
    expect(late).toEqual(['news 1']);
    for (const stop of stops) stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(looks).toBe(4);
  });

  test('somebody who leaves and comes back during a look does not double it', async () => {
    let looks = 0;
    const live = openLive({ look: async () => String(looks++), everyMs: 1000 });
    live.listen(() => {})!();
    const stop = live.listen(() => {})!;
    live.listen(() => {})!();
    await vi.advanceTimersByTimeAsync(2000);
    expect(looks).toBe(3);
    stop();
  });

  test('a look that fails leaves the pages as they are, and is made again', async () => {
    let looks = 0;
    const look = async () => {
      if (looks++ === 0) throw new Error('away');
      return 'back';
    };
    const told: string[] = [];
    const stop = openLive({ look, everyMs: 1000 }).listen((news) => told.push(news))!;
    await vi.advanceTimersByTimeAsync(1000);
    stop();
    expect(told).toEqual(['back']);
  });
});

test('whoever reads slowly misses what lay between', async () => {
  const { put, end, news } = latest();
  put('1');
  put('2');
  expect((await news.next()).value).toBe('2');
  const waiting = news.next();
  put('3');
  expect((await waiting).value).toBe('3');
  end();
  expect((await news.next()).done).toBe(true);
});
