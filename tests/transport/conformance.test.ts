import { Resend } from 'resend';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resendTransport } from '../../src/transport/resend.ts';
import type { Receipt, Submission } from '../../src/transport/transport.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openEmulatorPeer, openMailboxPeer, type Peer } from '../support/resend-peers.ts';

/**
 * One list of cases for the mailbox and for `emulate`, an emulator by others: over the wire, through the SDK, and through
 * our transport. Each case says what Resend does by its documents and recordings. Where the emulator is known to do
 * something else the case says that too, and fails when it no longer does.
 */
interface Case {
  what: string;
  /** What Resend answers. */
  resend: string;
  /** What the emulator answers instead (emulate 0.11.2). */
  emulator?: string;
  ask(peer: Peer): Promise<string>;
}

const mail = {
  from: 'Broadsheet <digest@papers.test>',
  to: 'ada@uni.test',
  subject: 'Papers',
  html: '<p>Hi</p>',
};
const batchOf = (length: number) => Array.from({ length }, (_, n) => ({ ...mail, to: `r${n}@uni.test` }));
const without = (field: string) =>
  Object.fromEntries(Object.entries(mail).filter(([name]) => name !== field));
const permissive = { 'x-batch-validation': 'permissive' };

const overTheWire: Case[] = [
  { what: 'one mail', resend: '200 {id}', ask: (peer) => post(peer, '/emails', mail) },
  { what: 'a batch of 100', resend: '200 100 ids', ask: (peer) => post(peer, '/emails/batch', batchOf(100)) },
  {
    what: 'a batch of 101',
    resend: '422 validation_error',
    ask: (peer) => post(peer, '/emails/batch', batchOf(101)),
  },
  {
    what: 'an empty batch',
    resend: '422 validation_error',
    emulator: '200 0 ids',
    ask: (peer) => post(peer, '/emails/batch', []),
  },
  {
    what: 'a batch that is no array',
    resend: '422 validation_error',
    ask: (peer) => post(peer, '/emails/batch', mail),
  },
  {
    what: 'a body that is no JSON',
    resend: '422 validation_error',
    ask: (peer) => post(peer, '/emails', '{'),
  },
  {
    what: 'no subject',
    resend: '422 missing_required_field',
    emulator: '422 validation_error',
    ask: (peer) => post(peer, '/emails', without('subject')),
  },
  {
    what: 'no address',
    resend: '422 missing_required_field',
    emulator: '422 validation_error',
    ask: (peer) => post(peer, '/emails', without('to')),
  },
  {
    what: 'neither html nor text',
    resend: '422 missing_required_field',
    emulator: '200 {id}',
    ask: (peer) => post(peer, '/emails', without('html')),
  },
  {
    what: 'an address that is none',
    resend: '422 validation_error',
    emulator: '200 {id}',
    ask: (peer) => post(peer, '/emails', { ...mail, to: 'ada' }),
  },
  {
    what: '51 addresses',
    resend: '422 validation_error',
    emulator: '200 {id}',
    ask: (peer) => post(peer, '/emails', { ...mail, to: batchOf(51).map(({ to }) => to) }),
  },
  {
    what: 'a tag with a space',
    resend: '422 validation_error',
    emulator: '200 {id}',
    ask: (peer) => post(peer, '/emails', { ...mail, tags: [{ name: 'a', value: 'b c' }] }),
  },
  {
    what: 'a topic that is null',
    resend: '200 {id}',
    ask: (peer) => post(peer, '/emails', { ...mail, topic_id: null }),
  },
  {
    what: 'tags and a schedule in a batch',
    resend: '200 1 ids',
    ask: (peer) =>
      post(peer, '/emails/batch', [{ ...mail, tags: [{ name: 'a', value: 'b' }], scheduled_at: soon() }]),
  },
  {
    what: 'no key',
    resend: '401 missing_api_key',
    emulator: '200 {id}',
    ask: (peer) => post({ ...peer, apiKey: '' }, '/emails', mail),
  },
  {
    what: 'a bad member of a strict batch',
    resend: '422 missing_required_field',
    emulator: '422 validation_error',
    ask: (peer) => post(peer, '/emails/batch', [mail, without('to')]),
  },
  {
    what: 'a bad member of a permissive batch',
    resend: '200 2 ids, refused 1',
    emulator: '422 validation_error',
    ask: (peer) => post(peer, '/emails/batch', [mail, without('to'), mail], permissive),
  },
  {
    what: 'the same key and body again',
    resend: 'the same answer',
    ask: async (peer) => (await twice(peer, '/emails/batch', [mail, mail], [mail, mail])).alike,
  },
  {
    what: 'the same key, another body',
    resend: '409 invalid_idempotent_request',
    ask: async (peer) => (await twice(peer, '/emails', mail, { ...mail, subject: 'Others' })).second,
  },
  {
    what: 'the same key at the other endpoint',
    resend: '200 1 ids',
    emulator: '409 invalid_idempotent_request',
    ask: async (peer) => {
      const key = { 'idempotency-key': freshKey() };
      await post(peer, '/emails', mail, key);
      return post(peer, '/emails/batch', [mail], key);
    },
  },
  {
    what: 'two at once under one key',
    resend: '200 {id} and 409 concurrent_idempotent_requests',
    emulator: '200 {id} and 200 {id}',
    async ask(peer) {
      if (peer.name === 'mailbox') await makeSlow(peer);
      const key = { 'idempotency-key': freshKey() };
      const answers = await Promise.all([post(peer, '/emails', mail, key), post(peer, '/emails', mail, key)]);
      return answers.toSorted((a, b) => a.localeCompare(b)).join(' and ');
    },
  },
  {
    what: 'more requests in a second than the limit',
    resend: '429 rate_limit_exceeded, retry-after 1',
    emulator: 'none refused',
    async ask(peer) {
      const busy = peer.name === 'mailbox' ? await openMailboxPeer(database, { requestsPerSecond: 2 }) : peer;
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => request(busy, 'POST', '/emails', mail)),
      );
      if (busy !== peer) await busy.close();
      const refused = answers.find(({ status }) => status !== 200);
      if (!refused) return 'none refused';
      return `${await describeAnswer(refused)}, retry-after ${refused.headers.get('retry-after')}`;
    },
  },
  {
    what: 'a key of 257 letters',
    resend: '400 invalid_idempotency_key',
    ask: (peer) => post(peer, '/emails', mail, { 'idempotency-key': 'k'.repeat(257) }),
  },
  {
    what: 'the limit in the headers',
    resend: 'ratelimit-limit, ratelimit-policy, ratelimit-remaining, ratelimit-reset',
    emulator: 'x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-ratelimit-resource',
    ask: async (peer) => {
      const response = await request(peer, 'POST', '/emails', mail);
      return [...response.headers.keys()].filter((name) => name.includes('ratelimit')).join(', ');
    },
  },
  {
    what: 'a mail looked up',
    resend: '200 email delivered',
    emulator: '200 email email.delivered',
    ask: async (peer) => {
      const response = await request(peer, 'POST', '/emails', { ...mail, to: 'delivered@resend.dev' });
      const { id } = (await response.json()) as { id: string };
      const read = async () => {
        const found = await request(peer, 'GET', `/emails/${id}`);
        const { object, last_event } = (await found.json()) as Record<string, string>;
        return `${found.status} ${object} ${last_event}`;
      };
      await expect.poll(read).toContain('delivered');
      return read();
    },
  },
  {
    what: 'a mail that is not there',
    resend: '404 not_found',
    ask: (peer) => get(peer, '/emails/56761188-7520-42d8-8898-ff6fc54ce618'),
  },
  {
    what: 'a scheduled mail called off',
    resend: '200 {id} canceled',
    emulator: '200 {id} email.canceled',
    ask: async (peer) => {
      const response = await request(peer, 'POST', '/emails', { ...mail, scheduled_at: soon() });
      const { id } = (await response.json()) as { id: string };
      const canceled = await post(peer, `/emails/${id}/cancel`, {});
      const found = (await (await request(peer, 'GET', `/emails/${id}`)).json()) as Record<string, string>;
      return `${canceled} ${found['last_event']}`;
    },
  },
  {
    what: 'an address put on the suppression list',
    resend: '201 {id}',
    emulator: '404 without a name',
    ask: (peer) => post(peer, '/suppressions', { email: 'gone@uni.test' }),
  },
  {
    what: 'a webhook',
    resend: '201 {id}',
    emulator: '404 without a name',
    ask: (peer) =>
      post(peer, '/webhooks', { endpoint: 'https://hooks.papers.test/', events: ['email.sent'] }),
  },
  {
    what: 'a path that is not there',
    resend: '404 not_found',
    emulator: '404 without a name',
    ask: (peer) => get(peer, '/nowhere'),
  },
];

const throughTheSdk: Case[] = [
  {
    what: 'emails.send',
    resend: 'data',
    ask: async (peer) => sdkAnswer(await sdk(peer).emails.send(sdkMail)),
  },
  {
    what: 'emails.send without a subject',
    resend: 'missing_required_field',
    emulator: 'validation_error',
    ask: async (peer) => sdkAnswer(await sdk(peer).emails.send({ ...sdkMail, subject: '' })),
  },
  {
    what: 'batch.send, strict',
    resend: 'data 2',
    ask: async (peer) => sdkAnswer(await sdk(peer).batch.send([sdkMail, sdkMail])),
  },
  {
    what: 'batch.send, permissive',
    resend: 'data 2, errors 0',
    emulator: 'data 2',
    ask: async (peer) =>
      sdkAnswer(await sdk(peer).batch.send([sdkMail, sdkMail], { batchValidation: 'permissive' })),
  },
  {
    what: 'emails.get',
    resend: 'data',
    ask: async (peer) => {
      const { data } = await sdk(peer).emails.send(sdkMail);
      return sdkAnswer(await sdk(peer).emails.get(data!.id));
    },
  },
  {
    what: 'emails.send under a key, twice',
    resend: 'the same id',
    ask: async (peer) => {
      const options = { idempotencyKey: freshKey() };
      const first = await sdk(peer).emails.send(sdkMail, options);
      const second = await sdk(peer).emails.send(sdkMail, options);
      return first.data?.id === second.data?.id ? 'the same id' : 'two ids';
    },
  },
];

const throughOurTransport: Case[] = [
  { what: 'a batch', resend: 'accepted 2', ask: (peer) => submit(peer, [mail, mail]) },
  { what: 'a single mail', resend: 'accepted 1', ask: (peer) => submit(peer, mail) },
  {
    what: 'a batch replayed under its key',
    resend: 'the same receipt',
    ask: async (peer) => {
      const key = freshKey();
      const [first, second] = [await receipt(peer, [mail], key), await receipt(peer, [mail], key)];
      return JSON.stringify(first) === JSON.stringify(second) ? 'the same receipt' : 'another receipt';
    },
  },
  {
    what: 'a key with other bytes',
    resend: 'conflict invalid_idempotent_request',
    ask: async (peer) => {
      const key = freshKey();
      await submit(peer, [mail], key);
      return submit(peer, [{ ...mail, subject: 'Others' }], key);
    },
  },
  {
    what: 'a batch with one bad member',
    resend: 'accepted 2, refused 1',
    emulator: 'accepted 3',
    ask: (peer) => submit(peer, [mail, { ...mail, to: 'nobody' }, mail]),
  },
  {
    what: 'a batch of nothing but bad members',
    resend: 'accepted 0, refused 0 1',
    emulator: 'refused validation_error',
    ask: (peer) => submit(peer, [without('to'), without('to')]),
  },
];

const rows: { via: string; what: string; resend: string; mailbox: string; emulator: string }[] = [];
let database: TestDatabase;
let peers: Record<Peer['name'], Peer>;
beforeAll(async () => {
  database = await openTestDatabase();
  peers = {
    mailbox: await openMailboxPeer(database, { faultControl: true }),
    emulator: await openEmulatorPeer(),
  };
});
afterAll(async () => {
  await peers.mailbox.close();
  await peers.emulator.close();
  await database.close();
  console.info(table());
});

describe.each([
  ['over the wire', overTheWire],
  ['through the SDK', throughTheSdk],
  ['through our transport', throughOurTransport],
])('%s', (via, cases) => {
  test.each(cases.map((one) => [one.what, one] as const))('%s', async (what, one) => {
    const mailbox = await one.ask(peers.mailbox);
    const emulator = await one.ask(peers.emulator);
    rows.push({ via, what, resend: one.resend, mailbox, emulator });
    expect({ mailbox, emulator }).toEqual({ mailbox: one.resend, emulator: one.emulator ?? one.resend });
  });
});

/** The mailbox's next request takes a second while it holds its key. */
async function makeSlow({ baseUrl }: Peer): Promise<void> {
  const faults = [{ does: 'pause', when: 'during', pauseMs: 1_000, times: 1 }];
  await fetch(`${baseUrl}/_faults`, { method: 'PUT', body: JSON.stringify({ faults }) });
}

async function request(
  { baseUrl, apiKey }: Peer,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      'content-type': 'application/json',
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

async function post(
  peer: Peer,
  path: string,
  body: unknown,
  headers?: Record<string, string>,
): Promise<string> {
  return describeAnswer(await request(peer, 'POST', path, body, headers));
}

async function get(peer: Peer, path: string): Promise<string> {
  return describeAnswer(await request(peer, 'GET', path));
}

interface Answer {
  id?: string;
  name?: string;
  data?: { id: string }[];
  errors?: { index: number }[];
}

async function describeAnswer(response: Response): Promise<string> {
  const text = await response.text();
  const { id, name, data, errors } = (text.startsWith('{') ? JSON.parse(text) : {}) as Answer;
  if (response.status >= 400) return `${response.status} ${name ?? 'without a name'}`;
  if (!Array.isArray(data)) return `${response.status} ${id ? '{id}' : 'without an id'}`;
  const refused = errors?.length ? `, refused ${errors.map(({ index }) => index).join(' ')}` : '';
  return `${response.status} ${data.length} ids${refused}`;
}

async function twice(peer: Peer, path: string, body: unknown, otherBody: unknown) {
  const key = { 'idempotency-key': freshKey() };
  const first = await request(peer, 'POST', path, body, key);
  const second = await request(peer, 'POST', path, otherBody, key);
  const alike = (await first.text()) === (await second.clone().text()) ? 'the same answer' : 'another answer';
  return { alike, second: await describeAnswer(second) };
}

const sdkMail = { from: mail.from, to: mail.to, subject: mail.subject, html: mail.html };

function sdk({ baseUrl, apiKey }: Peer): Resend {
  return new Resend(apiKey, { baseUrl });
}

function sdkAnswer({ data, error }: { data: unknown; error: { name: string } | null }): string {
  if (error) return error.name;
  const { data: ids, errors } = data as { data?: unknown[]; errors?: unknown[] };
  if (!Array.isArray(ids)) return 'data';
  return `data ${ids.length}${errors ? `, errors ${errors.length}` : ''}`;
}

function receipt({ baseUrl, apiKey }: Peer, mails: unknown, key: string): Promise<Receipt> {
  const body = Buffer.from(JSON.stringify(mails));
  const shape: Pick<Submission, 'kind' | 'members'> = Array.isArray(mails)
    ? { kind: 'batch', members: mails.length }
    : { kind: 'single', members: 1 };
  return resendTransport({ baseUrl, apiKey }).submit({ ...shape, key, body });
}

async function submit(peer: Peer, mails: unknown, key = freshKey()): Promise<string> {
  const answer = await receipt(peer, mails, key);
  if (answer.outcome !== 'accepted') return `${answer.outcome} ${answer.code}`;
  const refused = answer.refused.map(({ index }) => ` ${index}`).join('');
  return `accepted ${answer.ids.filter(Boolean).length}${refused && `, refused${refused}`}`;
}

let keys = 0;
function freshKey(): string {
  keys += 1;
  return `conformance/${process.pid}/${keys}`;
}

function soon(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}

function table(): string {
  const lines = rows.map(({ via, what, resend, mailbox, emulator }) => [
    via,
    what,
    mailbox === resend ? 'alike' : mailbox,
    emulator === resend ? 'alike' : emulator,
    resend,
  ]);
  const head = ['case', '', 'mailbox', 'emulate 0.11.2', 'Resend'];
  const widths = head.map((_, at) => Math.max(...[head, ...lines].map((line) => line[at]!.length)));
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
