import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { insertMailboxMessages, readMailboxMessage } from '../../src/db/mailbox-messages.ts';
import { mailboxEvents } from '../../src/mailbox/events.ts';
import { mailboxInbox } from '../../src/mailbox/inbox.tsx';
import { parseWebhook, verifyWebhook } from '../../src/transport/resend-webhook.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const secret = `whsec_${Buffer.from('a secret for the mailbox').toString('base64')}`;
const id = '56761188-7520-42d8-8898-ff6fc54ce618';
const at = new Date('2026-11-23T07:00:00.123Z');
const message = {
  id,
  from: 'Broadsheet <digest@papers.test>',
  to: 'ada@uni.test',
  subject: 'Flow <b>matching</b>, and 6 more',
  html: '<!doctype html><html><head><title>x</title></head><body><script>alert(1)</script>é</body></html>',
  text: 'Flow matching </pre><script>alert(2)</script>',
  headers: { 'List-Id': '<papers.test>' },
  tags: { digest: '7-20261123' },
};

interface Received {
  headers: Record<string, string>;
  body: string;
}

let database: TestDatabase;
let webhook: Server;
let webhookUrl = '';
let received: Received[] = [];
let answer = 200;

beforeAll(async () => {
  database = await openTestDatabase();
  webhook = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      received.push({ headers: request.headers as Record<string, string>, body });
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => webhook.listen(0, '127.0.0.1', resolve));
  webhookUrl = `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/webhooks/resend`;
});
afterAll(async () => {
  webhook.closeAllConnections();
  webhook.close();
  await database.close();
});
beforeEach(async () => {
  received = [];
  answer = 200;
  await database.db.deleteFrom('mailbox_messages').execute();
  await insertMailboxMessages(database.db, [message], at);
});

describe('messages.json', () => {
  test('is exactly as promised, newest first', async () => {
    const second = { ...message, id: '00000000-0000-4000-8000-000000000001', to: 'kenji@lab.test', html: '' };
    await insertMailboxMessages(database.db, [second], new Date('2026-11-23T08:00:00Z'));
    const response = await get('/mailbox/messages.json');
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual({
      messages: [
        {
          id: second.id,
          to: 'kenji@lab.test',
          subject: message.subject,
          at: '2026-11-23T08:00:00.000Z',
          htmlBytes: 0,
        },
        {
          id,
          to: 'ada@uni.test',
          subject: message.subject,
          at: '2026-11-23T07:00:00.123Z',
          htmlBytes: htmlBytes(),
        },
      ],
    });
  });

  test('is there when nothing is', async () => {
    await database.db.deleteFrom('mailbox_messages').execute();
    expect(await (await get('/mailbox/messages.json')).json()).toEqual({ messages: [] });
  });

  test('holds every mail, however many', async () => {
    const many = Array.from({ length: 1_500 }, (_, n) => ({
      ...message,
      id: crypto.randomUUID(),
      to: `r${n}@b.test`,
    }));
    await insertMailboxMessages(database.db, many, at);
    const { messages } = (await (await get('/mailbox/messages.json')).json()) as {
      messages: { to: string }[];
    };
    expect(messages).toHaveLength(1_501);
    expect(messages[0]!.to).toBe('r1499@b.test');
  });
});

describe('the pages', () => {
  test('list the mails, and say that nothing was sent', async () => {
    const page = await (await get('/mailbox')).text();
    expect(page).toContain('Nothing here was ever sent');
    expect(page).toContain('ada@uni.test');
    expect(page).toContain('Flow &lt;b&gt;matching&lt;/b&gt;, and 6 more');
    expect(page).toContain(`/mailbox/${id}`);
    expect(page).not.toContain('<b>');
  });

  test('go on after a hundred mails', async () => {
    const many = Array.from({ length: 250 }, (_, n) => ({
      ...message,
      id: crypto.randomUUID(),
      to: `r${n}@b.test`,
    }));
    await insertMailboxMessages(database.db, many, at);
    const seen: string[] = [];
    for (let url: string | undefined = '/mailbox'; url;) {
      const page = await (await get(url)).text();
      seen.push(...[...page.matchAll(/class="to">([^<]+)</g)].map(([, to]) => to!));
      url = /href="([^"]+)">Older</.exec(page)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen).toEqual([...many.map(({ to }) => to).toReversed(), 'ada@uni.test']);
  });

  test('find by address, without patterns', async () => {
    const listed = async (to: string) => (await get(`/mailbox?to=${encodeURIComponent(to)}`)).text();
    expect(await listed('ADA@')).toContain(`/mailbox/${id}`);
    expect(await listed('%')).not.toContain(`/mailbox/${id}`);
    expect(await listed('"><script>')).not.toContain('<script>');
  });

  test('show a mail with its text, headers, tags and size, all escaped', async () => {
    const page = await (await get(`/mailbox/${id}`)).text();
    expect(page).toContain('Flow matching &lt;/pre&gt;&lt;script&gt;');
    expect(page).toContain('List-Id');
    expect(page).toContain('7-20261123');
    expect(page).toContain(`HTML ${htmlBytes()} B`);
    expect(page).not.toContain('<script');
    expect(page).toMatch(/<iframe[^>]+sandbox="allow-popups allow-popups-to-escape-sandbox"/);
  });

  test('allow no script, nothing from elsewhere, and no other page around them', async () => {
    const { headers } = await get(`/mailbox/${id}`);
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src|unsafe/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-robots-tag')).toBe('noindex');
  });

  test('keep the mail itself in a box: no script, no origin, no forms; pictures and new windows only', async () => {
    const response = await get(`/mailbox/${id}/html`);
    expect(response.headers.get('content-type')).toContain('text/html');
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain('sandbox allow-popups');
    expect(policy).not.toMatch(/allow-scripts|allow-same-origin|allow-forms/);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("img-src 'self' data:");
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(await response.text()).toBe(message.html.replace('<head>', '<head><base target="_blank">'));
  });

  test.each(['/mailbox/nothing', `/mailbox/${id.replace('5', '6')}`, '/mailbox/nothing/html'])(
    'have no %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );

  test('take no odd query amiss', async () => {
    for (const query of [
      'before=x',
      'before=99999999999999999999',
      'to=%00',
      'before=1&to=%ff',
      'outcome=hard',
    ]) {
      expect((await get(`/mailbox?${query}`)).status).toBe(200);
      expect((await get(`/mailbox/${id}?${query}&answer=<script>`)).status).toBe(200);
    }
  });
});

describe('only this machine', () => {
  const peers: [peer: string | undefined, status: number][] = [
    ['127.0.0.1', 200],
    ['127.8.9.1', 200],
    ['::1', 200],
    ['::ffff:127.0.0.1', 200],
    ['10.0.0.7', 403],
    ['::ffff:10.0.0.7', 403],
    ['2001:db8::1', 403],
    ['', 403],
    [undefined, 403],
  ];
  test.each(peers)('%s: %i', async (peer, status) => {
    for (const path of ['/mailbox', '/mailbox/messages.json', `/mailbox/${id}`, `/mailbox/${id}/html`]) {
      expect((await get(path, {}, peer)).status).toBe(status);
    }
    expect((await press('hard', {}, inbox(peer))).status).toBe(status === 200 ? 303 : 403);
  });

  const hosts: [host: string, status: number][] = [
    ['localhost', 200],
    ['localhost:3000', 200],
    ['LOCALHOST:3000', 200],
    ['127.0.0.1:3000', 200],
    ['[::1]:3000', 200],
    ['evil.test', 403],
    ['localhost.evil.test', 403],
    ['127.0.0.1.evil.test:3000', 403],
    ['evil.test:3000@localhost', 403],
  ];
  test.each(hosts)('under the name %s: %i', async (host, status) => {
    expect((await get('/mailbox/messages.json', { host })).status).toBe(status);
  });

  test.each(['x-forwarded-for', 'forwarded', 'x-real-ip'])(
    'not through a proxy that says %s',
    async (name) => {
      expect((await get('/mailbox', { [name]: '127.0.0.1' })).status).toBe(403);
    },
  );

  test('is told by the connection itself over HTTP', async () => {
    const app = mailboxInbox({ db: database.db, events: eventsTo(webhookUrl) });
    expect((await app.request('/mailbox', { headers: { host: 'localhost' } })).status).toBe(403);
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    expect((await fetch(`http://127.0.0.1:${port}/mailbox`)).status).toBe(200);
    await new Promise((resolve) => server.close(resolve));
  });

  test('sends forms: another origin’s are refused', async () => {
    expect((await press('hard', { origin: 'http://localhost:3000' })).status).toBe(303);
    expect((await press('hard', { 'sec-fetch-site': 'same-origin' })).status).toBe(303);
    expect((await press('hard', { origin: 'https://evil.test' })).status).toBe(403);
    expect((await press('hard', { origin: 'http://localhost:4000' })).status).toBe(403);
    expect((await press('hard', { origin: 'null' })).status).toBe(403);
    expect((await press('hard', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(received).toHaveLength(2);
  });
});

describe('the buttons', () => {
  const cases: [outcome: string, type: string, lastEvent: string, code: RegExp | undefined][] = [
    ['delivered', 'email.delivered', 'delivered', undefined],
    ['hard', 'email.bounced', 'bounced', /5\.1\.1/],
    ['soft', 'email.bounced', 'bounced', /4\.2\.2/],
    ['policy', 'email.bounced', 'bounced', /5\.7\.1/],
    ['content', 'email.bounced', 'bounced', /5\.6\.0/],
    ['complaint', 'email.complained', 'complained', undefined],
  ];
  test.each(cases)('%s reports %s as a signed webhook', async (outcome, type, lastEvent, code) => {
    const response = await press(outcome);
    expect(response.status).toBe(303);
    expect(received).toHaveLength(1);
    const [{ headers, body }] = received as [Received];
    expect(verifyWebhook(body, headers, [secret], Date.now())).toMatchObject({ ok: true });
    const event = parseWebhook(body);
    expect(event).toMatchObject({ type, emailId: id, to: 'ada@uni.test', digestTag: '7-20261123' });
    expect(event.bounce?.diagnosticCodes[0] ?? '').toMatch(code ?? /^$/);
    expect((await readMailboxMessage(database.db, id))!.lastEvent).toBe(lastEvent);

    const page = await (await get(response.headers.get('location')!)).text();
    expect(page).toContain('Broadsheet took the signed webhook (200).');
  });

  test('each have an id of their own, because each is another event', async () => {
    await press('soft');
    await press('soft');
    expect(received[0]!.headers['svix-id']).not.toBe(received[1]!.headers['svix-id']);
  });

  test('say it when the webhook refuses', async () => {
    answer = 503;
    const response = await press('hard');
    const page = await (await get(response.headers.get('location')!)).text();
    expect(page).toContain('The webhook answered 503');
  });

  test('say it when nobody answers', async () => {
    const response = await press('hard', {}, inbox('127.0.0.1', 'http://127.0.0.1:9/webhooks/resend'));
    const page = await (await get(response.headers.get('location')!)).text();
    expect(page).toContain('The webhook gave no answer');
  });

  test.each(['', 'exploded', 'toString', '__proto__'])('know no %j', async (outcome) => {
    expect((await press(outcome)).status).toBe(400);
    expect(received).toEqual([]);
  });

  test('change nothing on GET', async () => {
    await get(`/mailbox/${id}?outcome=hard&answer=200`);
    expect(received).toEqual([]);
    expect((await readMailboxMessage(database.db, id))!.lastEvent).toBe('sent');
  });
});

async function get(path: string, headers: Record<string, string> = {}, ...peer: [(string | undefined)?]) {
  return inbox(peer.length > 0 ? peer[0] : '127.0.0.1').request(path, {
    headers: { host: 'localhost:3000', ...headers },
  });
}

async function press(outcome: string, headers: Record<string, string> = {}, app = inbox('127.0.0.1')) {
  return app.request(`/mailbox/${id}`, {
    method: 'POST',
    headers: { host: 'localhost:3000', 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ outcome }).toString(),
  });
}

function inbox(peer: string | undefined, url = webhookUrl) {
  return mailboxInbox({ db: database.db, events: eventsTo(url), peerOf: () => peer });
}

function eventsTo(url: string) {
  return mailboxEvents({ db: database.db, webhookUrl: url, webhookSecret: secret, retryAfterMs: [] });
}

function htmlBytes(): number {
  return Buffer.byteLength(message.html);
}
