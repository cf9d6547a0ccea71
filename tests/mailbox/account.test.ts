import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mailboxApi, type MailboxApiOptions } from '../../src/mailbox/app.ts';
import type { MailboxEvents, ReportedMessage } from '../../src/mailbox/events.ts';
import type { Outcome } from '../../src/mailbox/outcome.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

/** What an account of Resend has beside its mails: a suppression list, quotas, webhooks, a list of what was sent. */
const mail = { from: 'Broadsheet <digest@papers.test>', to: 'ada@uni.test', subject: 'Papers', text: 'Hi' };
const headers = { authorization: 'Bearer re_1', 'user-agent': 'test', 'content-type': 'application/json' };

let database: TestDatabase;
let reported: [to: string, outcome: Outcome | 'added' | 'removed'][];
let now: Date;
const events: MailboxEvents = {
  async report(message: ReportedMessage, outcome) {
    reported.push([message.to, outcome]);
    return { taken: true, status: 200 };
  },
  async reportSuppression(is, { email }) {
    reported.push([email, is]);
  },
  async close() {},
};

beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());
beforeEach(async () => {
  reported = [];
  now = new Date();
  for (const table of [
    'mailbox_messages',
    'mailbox_suppressions',
    'mailbox_usage',
    'mailbox_webhooks',
  ] as const)
    await database.db.deleteFrom(table).execute();
});

describe('the suppression list', () => {
  test('takes addresses one by one and by the hundred, and each once', async () => {
    const first = await call('POST', '/suppressions', { email: 'Ada@Uni.test' });
    expect(first).toMatchObject({ status: 201, object: 'suppression' });
    const again = await call('POST', '/suppressions', { email: 'ada@uni.test' });
    expect(again['id']).toBe(first['id']);
    const many = await call('POST', '/suppressions/batch/add', {
      emails: ['ada@uni.test', 'kenji@lab.test'],
    });
    expect(many).toMatchObject({ status: 201, data: [{ id: first['id'] }, { object: 'suppression' }] });
    expect(reported).toEqual([
      ['ada@uni.test', 'added'],
      ['kenji@lab.test', 'added'],
    ]);
  });

  test('is read by id and by address, newest first, by origin, and in pages', async () => {
    const emails = Array.from({ length: 5 }, (_, n) => `r${n}@uni.test`);
    for (const email of emails) await call('POST', '/suppressions', { email });
    const entry = await call('GET', '/suppressions/R2@uni.test');
    expect(entry).toMatchObject({
      object: 'suppression',
      email: 'r2@uni.test',
      origin: 'manual',
      source_id: null,
    });
    expect(await call('GET', `/suppressions/${String(entry['id'])}`)).toEqual(entry);
    const page = await call('GET', '/suppressions?limit=2');
    expect(page).toMatchObject({ object: 'list', has_more: true });
    const older = await call('GET', `/suppressions?limit=10&after=${idsOf(page)[1]!}`);
    expect(older).toMatchObject({ has_more: false });
    expect([...emailsOf(page), ...emailsOf(older)]).toEqual(emails.toReversed());
    expect(emailsOf(await call('GET', '/suppressions?origin=bounce'))).toEqual([]);
  });

  test('lets addresses go by id, by address and by the hundred', async () => {
    const { id } = await call('POST', '/suppressions', { email: 'ada@uni.test' });
    await call('POST', '/suppressions/batch/add', { emails: ['b@uni.test', 'c@uni.test'] });
    expect(await call('DELETE', `/suppressions/${String(id)}`)).toMatchObject({
      status: 200,
      id,
      deleted: true,
    });
    expect(await call('DELETE', '/suppressions/ada@uni.test')).toMatchObject({ status: 404 });
    const removed = await call('POST', '/suppressions/batch/remove', {
      emails: ['b@uni.test', 'x@uni.test'],
    });
    expect(removed['data']).toHaveLength(1);
    expect(emailsOf(await call('GET', '/suppressions'))).toEqual(['c@uni.test']);
  });

  test.each([
    ['/suppressions', {}, 'missing_required_field'],
    ['/suppressions', { email: 'nobody' }, 'validation_error'],
    ['/suppressions', { email: 7 }, 'validation_error'],
    ['/suppressions/batch/add', { emails: [] }, 'validation_error'],
    ['/suppressions/batch/add', { emails: Array(101).fill('a@b.test') }, 'validation_error'],
    ['/suppressions/batch/remove', { emails: ['a@b.test'], ids: ['x'] }, 'validation_error'],
    ['/suppressions/batch/remove', {}, 'validation_error'],
  ])('%s refuses %j', async (path, body, name) => {
    expect(await call('POST', path, body)).toMatchObject({ status: 422, statusCode: 422, name });
  });

  test('a mail to an address on it is accepted, goes nowhere, and says so', async () => {
    await call('POST', '/suppressions', { email: 'ada@uni.test' });
    reported = [];
    const batch = [
      { ...mail, to: 'Ada <ADA@uni.test>' },
      { ...mail, to: 'kenji@lab.test' },
    ];
    expect(await call('POST', '/emails/batch', batch)).toMatchObject({ status: 200 });
    expect(reported).toEqual([['Ada <ADA@uni.test>', 'suppressed']]);
    await call('DELETE', '/suppressions/ada@uni.test');
    reported = [];
    await call('POST', '/emails', mail);
    expect(reported).toEqual([]);
  });
});

test('an address may be given its outcome, and everybody else one of theirs', async () => {
  const outcomes = { 'ada@uni.test': 'soft', '*': 'delivered' } as const;
  await call('POST', '/emails/batch', [mail, { ...mail, to: 'kenji@lab.test' }], { outcomes });
  expect(reported).toEqual([
    ['ada@uni.test', 'soft'],
    ['kenji@lab.test', 'delivered'],
  ]);
});

describe('quotas', () => {
  const batchOf = (length: number) => Array.from({ length }, () => mail);

  test('count recipients of a UTC day, refuse what is beyond, and say how much is used', async () => {
    const quota = { dailyQuota: 5, now: () => now };
    now = new Date('2026-11-23T23:59:00Z');
    const copied = { ...mail, cc: 'b@uni.test', bcc: ['c@uni.test'] };
    expect(await call('POST', '/emails', copied, quota)).toMatchObject({ status: 200, daily: '3' });
    expect(await call('POST', '/emails/batch', batchOf(3), quota)).toMatchObject({
      status: 429,
      name: 'daily_quota_exceeded',
      daily: '3',
    });
    expect(await call('POST', '/emails/batch', batchOf(2), quota)).toMatchObject({ status: 200, daily: '5' });
    now = new Date('2026-11-24T00:00:00Z');
    expect(await call('POST', '/emails/batch', batchOf(3), quota)).toMatchObject({ status: 200, daily: '3' });
  });

  test('count a month likewise', async () => {
    const quota = { monthlyQuota: 4, now: () => now };
    now = new Date('2026-11-29T07:00:00Z');
    expect(await call('POST', '/emails/batch', batchOf(3), quota)).toMatchObject({
      status: 200,
      monthly: '3',
    });
    now = new Date('2026-11-30T07:00:00Z');
    expect(await call('POST', '/emails/batch', batchOf(2), quota)).toMatchObject({
      status: 429,
      name: 'monthly_quota_exceeded',
    });
    now = new Date('2026-12-01T07:00:00Z');
    expect(await call('POST', '/emails/batch', batchOf(2), quota)).toMatchObject({
      status: 200,
      monthly: '2',
    });
  });

  test('are never shared by two requests at once', async () => {
    const quota = { dailyQuota: 5 };
    const answers = await Promise.all(Array.from({ length: 8 }, () => call('POST', '/emails', mail, quota)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
  });

  test('a request refused by one leaves nothing under its key', async () => {
    const request = { key: 'k1', dailyQuota: 1, now: () => now };
    await call('POST', '/emails', mail, { dailyQuota: 1, now: () => now });
    expect(await call('POST', '/emails', mail, request)).toMatchObject({ status: 429 });
    now = new Date(now.getTime() + 86_400_000);
    expect(await call('POST', '/emails', mail, request)).toMatchObject({ status: 200 });
  });
});

describe('webhooks', () => {
  const wanted = { endpoint: 'https://hooks.papers.test/resend', events: ['email.delivered'] };

  test('are made, read, changed and ended', async () => {
    const made = await call('POST', '/webhooks', wanted);
    expect(made).toMatchObject({
      status: 201,
      object: 'webhook',
      signing_secret: expect.stringMatching(/^whsec_/),
    });
    const path = `/webhooks/${String(made['id'])}`;
    expect(await call('GET', path)).toMatchObject({ ...wanted, status: 'enabled' });
    const change = { status: 'disabled', events: ['email.bounced'] };
    expect(await call('PATCH', path, change)).toMatchObject({ object: 'webhook', id: made['id'] });
    const list = await call('GET', '/webhooks');
    expect(list['data']).toMatchObject([
      { endpoint: wanted.endpoint, status: 'disabled', events: ['email.bounced'] },
    ]);
    expect(JSON.stringify(list)).not.toContain('whsec_');
    expect(await call('DELETE', path)).toMatchObject({ deleted: true });
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(await call(method, path, {})).toMatchObject({ httpStatus: 404 });
  });

  test.each([
    {},
    { ...wanted, endpoint: 'ftp://x' },
    { ...wanted, events: [] },
    { ...wanted, events: ['A B'] },
    7,
  ])('cannot be %j', async (body) => {
    expect(await call('POST', '/webhooks', body)).toMatchObject({ status: 422, name: 'validation_error' });
  });
});

describe('mails that were taken', () => {
  test('are listed newest first, in pages both ways', async () => {
    const { data } = await call('POST', '/emails/batch', Array(5).fill(mail));
    const ids = (data as { id: string }[]).map(({ id }) => id).toReversed();
    const first = await call('GET', '/emails?limit=2');
    expect(first).toMatchObject({ object: 'list', has_more: true });
    expect(first['data']).toMatchObject([
      { subject: 'Papers', last_event: 'sent', to: ['ada@uni.test'] },
      {},
    ]);
    const second = await call('GET', `/emails?limit=2&after=${ids[1]!}`);
    const third = await call('GET', `/emails?limit=2&after=${ids[3]!}`);
    expect([...idsOf(first), ...idsOf(second), ...idsOf(third)]).toEqual(ids);
    expect(third).toMatchObject({ has_more: false });
    const back = await call('GET', `/emails?limit=2&before=${ids[3]!}`);
    expect(idsOf(back)).toEqual([ids[1], ids[2]]);
    expect(back).toMatchObject({ has_more: true });
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'after=x', `before=${mail.to}`])(
    '%s is refused',
    async (query) => {
      expect(await call('GET', `/emails?${query}`)).toMatchObject({ status: 422 });
    },
  );

  test('may be scheduled, moved and called off until they leave', async () => {
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    const inTwo = new Date(Date.now() + 7_200_000).toISOString();
    const outcomes = { '*': 'delivered' } as const;
    const { id } = await call('POST', '/emails', { ...mail, scheduled_at: inAnHour }, { outcomes });
    const path = `/emails/${String(id)}`;
    expect(await call('GET', path)).toMatchObject({ last_event: 'scheduled' });
    expect(reported).toEqual([]);
    expect(await call('PATCH', path, { scheduled_at: inTwo })).toMatchObject({ object: 'email', id });
    expect(await call('GET', path)).toMatchObject({
      scheduled_at: inTwo.replace('T', ' ').replace('Z', '+00'),
    });
    expect(await call('POST', `${path}/cancel`)).toMatchObject({ object: 'email', id });
    expect(await call('GET', path)).toMatchObject({ last_event: 'canceled' });
    expect(await call('POST', `${path}/cancel`)).toMatchObject({ status: 422 });
    const left = await call('POST', '/emails', mail);
    expect(await call('PATCH', `/emails/${String(left['id'])}`, { scheduled_at: inTwo })).toMatchObject({
      status: 422,
    });
  });

  test.each(['tomorrow-ish', '2026-13-45', new Date(Date.now() + 31 * 86_400_000).toISOString()])(
    'cannot be scheduled for %s',
    async (scheduled_at) => {
      expect(await call('POST', '/emails', { ...mail, scheduled_at })).toMatchObject({ status: 422 });
    },
  );

  test('in words, as far as they are plain', async () => {
    const { id } = await call('POST', '/emails', { ...mail, scheduled_at: 'in 10 min' });
    expect(await call('GET', `/emails/${String(id)}`)).toMatchObject({ last_event: 'scheduled' });
  });
});

type CallOptions = Partial<MailboxApiOptions> & { key?: string };

/** One request: the answer's body, with its HTTP status and the quota headers. */
async function call(
  method: string,
  path: string,
  body?: unknown,
  { key, ...options }: CallOptions = {},
): Promise<Record<string, unknown>> {
  const api = mailboxApi({ db: database.db, events, ...options });
  const response = await api.request(path, {
    method,
    headers: { ...headers, ...(key && { 'idempotency-key': key }) },
    ...(method !== 'GET' && method !== 'DELETE' && { body: JSON.stringify(body ?? {}) }),
  });
  const daily = response.headers.get('x-resend-daily-quota');
  const monthly = response.headers.get('x-resend-monthly-quota');
  const answer = (await response.json()) as Record<string, unknown>;
  return {
    httpStatus: response.status,
    status: response.status,
    ...(daily && { daily }),
    ...(monthly && { monthly }),
    ...answer,
  };
}

function idsOf(list: Record<string, unknown>): string[] {
  return (list['data'] as { id: string }[]).map(({ id }) => id);
}

function emailsOf(list: Record<string, unknown>): string[] {
  return (list['data'] as { email: string }[]).map(({ email }) => email);
}
