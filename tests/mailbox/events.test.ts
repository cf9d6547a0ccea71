import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type EventOptions, mailboxEvents } from '../../src/mailbox/events.ts';
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

  expect(await events.report(message, 'hard')).toEqual({ taken: false, status: 500 });
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
  await events.report(message, 'hard');
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
  await events.report(message, 'hard');
  await events.close();
  await mailboxEvents(optionsFor(webhookUrl, [])).report(message, 'hard');
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
  expect(await events.report(message, 'hard')).toEqual({ taken: false, status: 307 });
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
