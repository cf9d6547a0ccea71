import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { findMailboxSuppressed } from '../../src/db/mailbox-suppressions.ts';
import { deleteMailboxWebhook, insertMailboxWebhook } from '../../src/db/mailbox-webhooks.ts';
import { type EventOptions, mailboxEvents } from '../../src/mailbox/events.ts';
import { openPost, resendRetriesMs } from '../../src/mailbox/post.ts';
import { verifyWebhook } from '../../src/transport/resend-webhook.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const secret = `whsec_${Buffer.from('a secret for the mailbox').toString('base64')}`;
const message = {
  id: '56761188-7520-42d8-8898-ff6fc54ce618',
  at: new Date('2026-11-23T07:00:00Z'),
  from: 'digest@papers.test',
  to: 'ada@uni.test',
  subject: 'Papers',
  tags: {},
};

let database: TestDatabase;
const servers: Server[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

test('an event refused is reported again under its id, signed anew, until it is taken', async () => {
  const seen: { id: string; ok: boolean }[] = [];
  const webhookUrl = await listen((headers, body) => {
    const { ok } = verifyWebhook(body, headers, [secret], Date.now());
    seen.push({ id: headers['svix-id']!, ok });
    return seen.length < 3 ? 500 : 200;
  });
  const events = mailboxEvents(optionsFor(webhookUrl, [1, 1, 1, 1]));

  expect(await events.report(message, 'soft')).toEqual({ taken: false, status: 500 });
  await vi.waitFor(() => expect(seen).toHaveLength(3));
  await events.close();

  expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
  expect(seen.every(({ ok }) => ok)).toBe(true);
  expect(seen).toHaveLength(3);
});

test('after its last repetition an event is given up', async () => {
  let attempts = 0;
  const webhookUrl = await listen(() => {
    attempts += 1;
    return 404;
  });
  const events = mailboxEvents(optionsFor(webhookUrl, [1, 1]));
  await events.report(message, 'soft');
  await vi.waitFor(() => expect(attempts).toBe(3));
  await events.report(message, 'soft');
  await vi.waitFor(() => expect(attempts).toBe(6));
  await events.close();
});

test('closing forgets the repetitions', async () => {
  let attempts = 0;
  const webhookUrl = await listen(() => {
    attempts += 1;
    return 500;
  });
  const events = mailboxEvents(optionsFor(webhookUrl, [20]));
  await events.report(message, 'soft');
  await events.close();
  await mailboxEvents(optionsFor(webhookUrl, [])).report(message, 'soft');
  expect(attempts).toBe(2);
});

test('a hundred at once are made a few at a time, and closing waits for all of them', async () => {
  let running = 0;
  let most = 0;
  let taken = 0;
  const webhookUrl = await listen(async () => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running -= 1;
    taken += 1;
    return 200;
  });
  const events = mailboxEvents(optionsFor(webhookUrl, []));
  for (let n = 0; n < 100; n += 1) void events.report(message, 'delivered');
  await events.close();
  expect(taken).toBe(100);
  expect(most).toBeLessThanOrEqual(8);
});

test('a redirect is not followed: it took nothing', async () => {
  const webhookUrl = await listen(() => 307);
  const events = mailboxEvents(optionsFor(webhookUrl, []));
  expect(await events.report(message, 'soft')).toEqual({ taken: false, status: 307 });
});

describe('an outcome that ends an address', () => {
  test.each([
    ['hard', 'bounce'],
    ['policy', 'bounce'],
    ['complaint', 'complaint'],
  ] as const)('%s puts it on the account’s list, once, and tells so', async (outcome, origin) => {
    const seen: { type: string; data: Record<string, unknown> }[] = [];
    const webhookUrl = await listen((_headers, body) => {
      seen.push(JSON.parse(body) as (typeof seen)[number]);
      return 200;
    });
    const events = mailboxEvents(optionsFor(webhookUrl, []));
    const to = `Ada <${outcome}@Uni.test>`;
    await events.report({ ...message, to }, outcome);
    await events.report({ ...message, to }, outcome);
    await events.close();
    const told = seen.filter(({ type }) => type === 'suppression.added');
    expect(told.map(({ data }) => data)).toEqual([
      expect.objectContaining({ email: `${outcome}@uni.test`, origin, source_id: message.id }),
    ]);
    expect(seen).toHaveLength(3);
  });

  test.each(['soft', 'content', 'delivered', 'suppressed'] as const)('%s does not', async (outcome) => {
    const webhookUrl = await listen(() => 200);
    const events = mailboxEvents(optionsFor(webhookUrl, []));
    await events.report({ ...message, to: `${outcome}@uni.test` }, outcome);
    await events.close();
    expect(await findMailboxSuppressed(database.db, [`${outcome}@uni.test`])).toEqual(new Map());
  });
});

describe('trouble on the way, as asked for', () => {
  // What this seed throws, for ever.
  const expected = 28;

  test('events overtake one another, some come twice, and the same dice fall the same way', async () => {
    const twice: string[][] = [];
    for (let run = 0; run < 2; run += 1) {
      const ids: string[] = [];
      const endpoint = await listen((headers) => {
        ids.push(headers['svix-id']!);
        return 200;
      });
      const trouble = { delayMs: [0, 200], duplicates: 0.4, seed: 7 } as const;
      const post = openPost({ retryAfterMs: [], trouble });
      const sent = Array.from({ length: 20 }, (_, n) => `msg_${String(n).padStart(2, '0')}`);
      await Promise.all(sent.map((id) => post.send({ endpoint, secret }, { id, body: '{}' })));
      await vi.waitFor(() => expect(ids).toHaveLength(expected));
      await post.close();
      expect([...new Set(ids)].toSorted((a, b) => a.localeCompare(b))).toEqual(sent);
      expect(ids).not.toEqual(ids.toSorted((a, b) => a.localeCompare(b)));
      twice.push(sent.filter((id) => ids.indexOf(id) !== ids.lastIndexOf(id)));
    }
    expect(twice[0]).toEqual(twice[1]);
  });
});

test('endpoints that were added get what they asked for, signed with their own secret', async () => {
  const seen: { id: string; type: string; own: boolean }[] = [];
  const other = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
  const receive = (own: boolean) => (headers: Record<string, string>, body: string) => {
    const { ok } = verifyWebhook(body, headers, [own ? secret : other], Date.now());
    seen.push({ id: headers['svix-id']!, type: (JSON.parse(body) as { type: string }).type, own });
    return ok ? 200 : 401;
  };
  const endpoint = await listen(receive(false));
  const { id } = await insertMailboxWebhook(database.db, {
    endpoint,
    events: ['email.delivered'],
    secret: other,
  });
  const events = mailboxEvents(optionsFor(await listen(receive(true)), []));
  await events.report(message, 'delivered');
  await events.report(message, 'soft');
  await events.close();
  expect(seen.map(({ type, own }) => `${type} ${own}`).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'email.bounced true',
    'email.delivered false',
    'email.delivered true',
  ]);
  await deleteMailboxWebhook(database.db, id);
});

test('Resend’s own pauses make eight attempts in 27.6 hours', () => {
  expect(resendRetriesMs).toHaveLength(7);
  const hours = resendRetriesMs.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
  expect(hours).toBeCloseTo(27.6, 1);
});

function optionsFor(webhookUrl: string, retryAfterMs: readonly number[]): EventOptions {
  return { db: database.db, webhookUrl, webhookSecret: secret, retryAfterMs };
}

type Receive = (headers: Record<string, string>, body: string) => number | Promise<number>;

async function listen(receive: Receive): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => void reply());
    const reply = async () => {
      const status = await receive(
        request.headers as Record<string, string>,
        Buffer.concat(chunks).toString(),
      );
      response.writeHead(status, { location: '/elsewhere' }).end();
    };
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/resend`;
}
