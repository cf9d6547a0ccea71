import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdEdition, listHeldEditions } from '../../../src/db/held-editions.ts';
import { syncCuratedTopics } from '../../../src/db/topics.ts';
import { closeEditions } from '../../../src/pipeline/sweep.ts';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { acceptAll, refuseAt, scriptedTransport } from '../../support/scripted-transport.ts';
import { seedDay, seedReaders } from '../../support/seed.ts';
import { deliverAll, planAndCompose } from '../../support/steps.ts';
import { elements, readState, textOf } from '../site.ts';
import { openOperatorSite } from './operator.ts';

let ctx: TestContext;

beforeAll(async () => {
  ctx = await openTestContext({
    now: '2026-03-18T06:00:00Z',
    env: { MAIL_RATE_PER_SECOND: '1000' },
    transport: scriptedTransport([acceptAll, acceptAll, refuseAt(1)]),
  });
  await syncCuratedTopics(ctx.db);
  await seedReaders(ctx, 30);
  await seedReaders(ctx, 2, { name: 'poet', topics: ['medieval poetry'] });
  for (const day of [18, 19, 20]) {
    await seedDay(ctx, `2026-03-${day - 1}`, 6);
    await planAndCompose(ctx, `2026-03-${day}T07:00:00Z`);
    await deliverAll(ctx);
    await closeEditions(ctx, ctx.now());
  }
  await sql`update digests set delivered_at = now() where local_date = '2026-03-19' and position < 20`.execute(
    ctx.db,
  );
  await sql`update digests set bounced_at = now(), bounce_class = 'soft'
    where local_date = '2026-03-19' and position in (20, 21)`.execute(ctx.db);
});
afterAll(() => ctx.close());

test('every edition has a line that leads to it', async () => {
  const { body } = await openOperatorSite(ctx).get('/operators/editions');
  const rows = [...body.matchAll(/<tr><th scope="row">.*?<\/tr>/gs)].map(([row]) => textOf(row));
  expect(rows.map((row) => row.slice(0, 14))).toEqual(['Fri 2026-03-20', 'Thu 2026-03-19', 'Wed 2026-03-18']);
  expect(rows[1]).toContain('20 2 0');
  expect(elements(body, 'a').map((link) => link['href'])).toContain('/operators/editions/2026-03-19');
  const older = await openOperatorSite(ctx).get('/operators/editions?before=2026-03-19');
  expect([...older.body.matchAll(/<tr><th scope="row"/g)]).toHaveLength(1);
});

test('one edition stands beside the one before it, with its course and what the world said', async () => {
  const { title, body } = await openOperatorSite(ctx).get('/operators/editions/2026-03-19');
  const text = textOf(body);
  expect(title).toBe('Thursday, 19 March');
  expect(text).toMatch(/Audience 32 32/);
  expect(text).toMatch(/Skipped, nothing new 2 2/);
  expect(text).toMatch(
    /Delivered 20 Bounced 2: 2 soft Complained 0 Silent 0 Delivery delay half within \d+ s, nine of ten within \d+ s Papers in a digest 3 in 30/,
  );
  expect(text).toMatch(/Ranges 1 of 1 composed Batches 1 accepted \(30 digests\)/);
});

test('what the transport refused is told in its words', async () => {
  const { body } = await openOperatorSite(ctx).get('/operators/editions/2026-03-20');
  expect(textOf(body)).toMatch(/Failed, refused 1 0 \+1/);
  expect(textOf(body)).toContain('1 place 1 is no good');
});

test('what is no edition is not found', async () => {
  const site = openOperatorSite(ctx);
  for (const date of ['2026-01-01', '2026-13-01', 'today', "'--"]) {
    expect((await site.get(`/operators/editions/${encodeURIComponent(date)}`)).status).toBe(404);
  }
});

test('the page of the day draws the last editions and lists, with the numbers at the lines’ ends', async () => {
  const { body } = await openOperatorSite(ctx).get('/operators');
  const plots = [...body.matchAll(/<svg.*?<\/svg>/gs)].map(([plot]) => plot);
  const labels = elements(body, 'svg').map((plot) => plot['aria-label']);
  expect(labels).toEqual([
    expect.stringMatching(/^Accepted and delivered: accepted \d+, delivered 0$/),
    'Bounced and complained: bounced 0, complained 0',
    'Papers listed: Hugging Face 6',
  ]);
  expect(plots[0]).toMatch(/<text[^>]*>delivered 0<\/text>/);
  expect(plots.join('')).not.toMatch(/NaN|Infinity|undefined|style=/);
});

test('an audience that moved by more than half is said on the page of the day', async () => {
  await ctx.db
    .updateTable('editions')
    .set({ ledger: sql`jsonb_set(ledger, '{audience}', '100')` })
    .where('date', '=', '2026-03-19')
    .execute();
  const { body } = await openOperatorSite(ctx).get('/operators');
  expect(textOf(body)).toContain('The audience moved by more than half: 32, after 100 the day before.');
});

test('more plots tell how fast, how large, of what and for how many, each with its newest number', async () => {
  const { body } = await openOperatorSite(ctx).get('/operators/plots');
  expect(elements(body, 'svg').map((plot) => plot['aria-label'])).toEqual([
    expect.stringMatching(/^Digests accepted by the hour, UTC: 89 in 48 hours$/),
    expect.stringMatching(/^Delivery delay, in seconds: half within \d+, 9 of 10 \d+$/),
    expect.stringMatching(/^Size of a digest’s HTML, in kilobytes: median \d+(\.\d)?, largest \d+(\.\d)?$/),
    'Papers in a digest: mean 3',
    expect.stringMatching(/^Papers by topic: Robotics \d+/),
    expect.stringMatching(/^Readers gained and lost: confirmed \d+, left 0, bounced 0$/),
  ]);
  expect(body).not.toMatch(/NaN|Infinity|undefined|style=/);
});

test('a rehearsal stands beside the day before, and writes nothing', async () => {
  const site = openOperatorSite(ctx);
  expect((await site.get('/operators/dry-run?date=2026-03-21')).body).toContain('value="2026-03-21"');
  const before = await readState(ctx);
  const { body, title } = await site.post('/operators/dry-run', { date: '2026-03-21' });
  expect(title).toBe('Saturday, 21 March, rehearsed');
  const text = textOf(body);
  expect(text).toContain('32 are due, after 32 on Friday');
  expect(text).toMatch(/Get a digest \d+\.\d % 90\.6 %/);
  expect(text).toMatch(/HTML parts of [\d,]+ to [\d,]+ bytes/);
  expect(await readState(ctx)).toEqual(before);
});

test('a held edition says why on both pages, and is released by a button that is written down', async () => {
  const site = openOperatorSite(ctx);
  await holdEdition(ctx.db, '2026-03-21', 'The audience moved by more than half: 32, after 2,000 on Friday.');
  const action = '/operators/editions/2026-03-21/release';
  for (const path of ['/operators', '/operators/editions/2026-03-21']) {
    const { body } = await site.get(path);
    expect(textOf(body)).toContain('32, after 2,000 on Friday.');
    expect(elements(body, 'form').map((form) => form['action'])).toContain(action);
  }
  const { body } = await site.press(action);
  expect(textOf(body)).not.toContain('Held');
  expect(await listHeldEditions(ctx.db)).toEqual([]);
  expect(textOf((await site.get('/operators/log')).body)).toContain('released an edition 2026-03-21');
});

test('looking changes nothing', async () => {
  const before = await readState(ctx);
  for (const path of ['', '/plots', '/dry-run', '/editions', '/editions/2026-03-19'])
    await openOperatorSite(ctx).get(`/operators${path}`);
  expect(await readState(ctx)).toEqual(before);
});
