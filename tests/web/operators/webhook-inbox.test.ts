import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { suppress } from '../../../src/db/suppressions.ts';
import { storeWebhookEvent } from '../../../src/db/webhook-events.ts';
import { track } from '../../../src/pipeline/track.ts';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { seedDay, seedReaders } from '../../support/seed.ts';
import { deliverAll, hurry, planAndCompose } from '../../support/steps.ts';
import { elements, readState, textOf } from '../site.ts';
import { openOperatorSite } from './operator.ts';

let ctx: TestContext;
beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', env: { MAIL_RATE_PER_SECOND: '1000' } });
  await seedDay(ctx, '2026-03-19', 5);
  await seedReaders(ctx, 4);
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  await sql`update batches set settled_at = now() - interval '2 hours'`.execute(ctx.db);
  await sql`update digests set delivered_at = now() where position = 0`.execute(ctx.db);
});
afterAll(() => ctx.close());

const page = async (site = openOperatorSite(ctx)) => (await site.get('/operators/webhooks')).body;

test('events that wait are told by type and time, and never by what they say', async () => {
  const body = JSON.stringify({
    type: 'email.delivered',
    data: { to: ['reader1@uni.test'], email_id: 'early' },
  });
  await storeWebhookEvent(ctx.db, { svixId: 'msg_early', type: 'email.delivered', body });
  await track(ctx);
  const html = await page();
  expect(textOf(html)).toContain('1 event waits.');
  expect(textOf(html)).toContain('email.delivered waits 1');
  expect(html).toContain('msg_early');
  expect(html).not.toContain('reader1@uni.test');
  await ctx.db.deleteFrom('webhook_events').execute();
});

test('mails accepted and not heard of for an hour are gaps, and lead to their readers', async () => {
  const html = await page();
  expect(textOf(html)).toContain('Of 3 mails accepted more than an hour ago nothing was heard.');
  expect(
    elements(html, 'a').filter((link) => link['href']?.startsWith('/operators/subscribers/')),
  ).toHaveLength(3);
});

test('asking the provider fills the gaps by the same road as its webhooks, bounces with their diagnostic', async () => {
  await sql`update mailbox_messages set last_event = 'delivered'`.execute(ctx.db);
  const asked: string[] = [];
  const lookUp: NonNullable<TestContext['transport']['lookUp']> = async (id) => {
    asked.push(id);
    if (asked.length > 1) return ctx.transport.lookUp!(id);
    const diagnosticCode = ['smtp; 550 5.1.1 no such user'];
    return { event: 'bounced', bounce: { type: 'Permanent', diagnosticCode } };
  };
  const site = openOperatorSite({ ...ctx, transport: { ...ctx.transport, lookUp } });
  await hurry(ctx);
  const { body } = await site.press('/operators/webhooks/reconcile');
  expect(textOf(body)).toContain('Asked about 3; of 3 something new is known');
  await track(ctx);
  const { rows } = await sql<{ class: string | null; detail: string | null; n: number }>`
    select bounce_class class, bounce_detail detail, count(*)::int n from digests
    where delivered_at is not null or bounced_at is not null group by 1, 2 order by 3`.execute(ctx.db);
  expect(rows).toEqual([
    { class: 'hard', detail: 'smtp; 550 5.1.1 no such user', n: 1 },
    { class: null, detail: null, n: 3 },
  ]);
  expect(textOf(await page())).toContain('something was heard');
  expect(textOf((await site.get('/operators/log')).body)).toContain('asked what became of silent mails');
});

test('the reader’s page tells the diagnostic, and in the line of the day', async () => {
  const { rows } = await sql<{
    id: number;
  }>`select subscriber_id id from digests where bounced_at is not null`.execute(ctx.db);
  const text = textOf((await openOperatorSite(ctx).get(`/operators/subscribers/${rows[0]!.id}`)).body);
  expect(text).toContain('Hard: the address is no more. It said: smtp; 550 5.1.1 no such user');
  expect(text).toContain('diagnostic smtp; 550 5.1.1 no such user');
});

test('a mail server cannot be asked, and the page says so', async () => {
  await sql`update digests set delivered_at = null where position = 0`.execute(ctx.db);
  const { lookUp: _, ...transport } = ctx.transport;
  const html = await page(openOperatorSite({ ...ctx, transport }));
  expect(textOf(html)).toContain('A mail server cannot be asked');
  expect(elements(html, 'form').map((form) => form['action'])).not.toContain('/operators/webhooks/reconcile');
});

test('suppressions are counted by reason and listed without addresses, a page at a time', async () => {
  for (let n = 0; n < 101; n++) {
    const addressHash = Buffer.alloc(32, n + 1);
    const detail = `<reader${n}@uni.test>: no such user`;
    await suppress(ctx.db, { addressHash, reason: 'soft_bounces', origin: 'webhook', detail });
  }
  const site = openOperatorSite(ctx);
  const { body } = await site.get('/operators/suppressions');
  expect(textOf(body)).toContain('soft bounces webhook 101');
  expect(textOf(body)).toContain('hard bounce webhook 1');
  expect(body).not.toContain('uni.test');
  const older = elements(body, 'a').find((link) => link['href']?.includes('before='))!['href']!;
  const rest = await site.get(older);
  expect(rest.body.match(/…<\/td><\/tr>/g)).toHaveLength(2);
  expect((await site.get('/operators/suppressions?before=x')).status).toBe(200);
});

test('looking changes nothing', async () => {
  const before = await readState(ctx);
  const site = openOperatorSite(ctx);
  for (const path of ['webhooks', 'suppressions']) await site.get(`/operators/${path}`);
  expect(await readState(ctx)).toEqual(before);
});
