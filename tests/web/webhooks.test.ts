import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { signWebhook } from '../../src/transport/resend-webhook.ts';
import { webhookBytesMax } from '../../src/web/webhooks.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { type Answer, openSite, type Site } from './site.ts';

let ctx: TestContext;
let site: Site;
let number = 0;
let id: string;

const event = JSON.stringify({
  type: 'email.delivered',
  created_at: '2026-03-20T07:00:01Z',
  data: { email_id: 'x' },
});

beforeAll(async () => {
  ctx = await openTestContext({ delivers: false });
  site = openSite(ctx);
});
afterAll(() => ctx.close());
beforeEach(() => void (id = `msg_${(number += 1)}`));

interface Sent {
  signed?: string;
  secret?: string;
  agoS?: number;
  headers?: Record<string, string>;
}

function send(
  body: string,
  { signed = body, secret = ctx.config.webhookSecrets[0]!, agoS = 0, headers }: Sent = {},
) {
  const timestampS = Math.floor(Date.now() / 1000) - agoS;
  return site.request('/webhooks/resend', {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'svix-id': id,
      'svix-timestamp': String(timestampS),
      'svix-signature': signWebhook(secret, id, timestampS, signed),
      ...headers,
    },
  });
}

async function stored() {
  return ctx.db
    .selectFrom('webhook_events')
    .select(['type', 'body', 'processed_at'])
    .where('svix_id', '=', id)
    .execute();
}

function said(answer: Answer): [number, unknown] {
  return [answer.status, JSON.parse(answer.body)];
}

test('a signed event is stored as it came, and track is nudged', async () => {
  const track = ctx.queues.queue('track');
  expect(said(await send(event))).toEqual([200, {}]);
  expect(await stored()).toEqual([{ type: 'email.delivered', body: event, processed_at: null }]);
  expect(await track.getWaitingCount()).toBe(1);
});

test('the same event again is one row, and is answered the same', async () => {
  for (let time = 0; time < 3; time++) expect(said(await send(event))).toEqual([200, {}]);
  expect(await stored()).toHaveLength(1);
});

test('an event of a type from the future is stored and answered 200', async () => {
  expect(said(await send('{"type":"email.teleported","data":null}'))).toEqual([200, {}]);
  expect(await stored()).toMatchObject([{ type: 'email.teleported' }]);
});

test('what is not signed by us, not signed for these bytes, or old, is refused with 401 and not stored', async () => {
  const other = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
  for (const sent of [{ secret: other }, { signed: `${event} ` }, { agoS: 301 }, { agoS: -301 }]) {
    expect((await send(event, sent)).status).toBe(401);
  }
  expect(await stored()).toEqual([]);
});

test('missing or senseless headers are a 400', async () => {
  expect((await site.request('/webhooks/resend', { method: 'POST', body: event })).status).toBe(400);
  expect((await send(event, { headers: { 'svix-timestamp': 'yesterday' } })).status).toBe(400);
});

test('a signed body that is no event is a 400', async () => {
  for (const body of ['', 'null', '[]', '{"type":', '{"no":"type"}'])
    expect((await send(body)).status).toBe(400);
  expect(await stored()).toEqual([]);
});

test('a body over the limit is refused unread with 413, with a length or without', async () => {
  const large = JSON.stringify({ type: 'email.delivered', data: 'x'.repeat(webhookBytesMax) });
  expect((await send(large)).status).toBe(413);
  const stream = new Blob([large]).stream();
  const init = { method: 'POST', body: stream, duplex: 'half' } as RequestInit;
  expect((await site.request('/webhooks/resend', init)).status).toBe(413);
});

test('a form over 64 KB is refused unread too', async () => {
  const answer = await site.post('/subscribe', { email: 'ada@uni.test', phrases: 'x'.repeat(70_000) });
  expect([answer.status, answer.title]).toEqual([413, 'Too large']);
});

test('an event is taken even when the queues are away', async () => {
  const broken = openSite({
    ...ctx,
    queues: { ...ctx.queues, add: () => Promise.reject(new Error('The queues are away.')) },
  });
  const timestampS = Math.floor(Date.now() / 1000);
  const answer = await broken.request('/webhooks/resend', {
    method: 'POST',
    body: event,
    headers: {
      'svix-id': id,
      'svix-timestamp': String(timestampS),
      'svix-signature': signWebhook(ctx.config.webhookSecrets[0]!, id, timestampS, event),
    },
  });
  expect(said(answer)).toEqual([200, {}]);
  expect(await stored()).toHaveLength(1);
});

test('only POST is for events', async () => {
  expect((await site.get('/webhooks/resend')).status).toBe(404);
});
