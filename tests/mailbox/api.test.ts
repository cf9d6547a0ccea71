import { Resend } from 'resend';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  listMailboxMessages,
  pruneMailboxMessages,
  readMailboxMessage,
} from '../../src/db/mailbox-messages.ts';
import { mailboxApi, type MailboxApiOptions } from '../../src/mailbox/app.ts';
import type { ReportedMessage } from '../../src/mailbox/events.ts';
import { listenMailbox, type MailboxListener } from '../../src/mailbox/listen.ts';
import type { Outcome } from '../../src/mailbox/outcome.ts';
import { resendTransport } from '../../src/transport/resend.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const mail = {
  from: 'Broadsheet <digest@papers.test>',
  to: 'ada@uni.test',
  subject: 'Papers',
  html: '<p>Hi</p>',
};
const caller = { authorization: 'Bearer re_1', 'user-agent': 'test', 'content-type': 'application/json' };

let database: TestDatabase;
let reported: [to: string, outcome: Outcome][] = [];
const events = {
  async report(message: ReportedMessage, outcome: Outcome) {
    reported.push([message.to, outcome]);
    return { taken: true, status: 200 };
  },
  async reportSuppression() {},
  async close() {},
};

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  reported = [];
  await database.db.deleteFrom('mailbox_messages').execute();
});

describe('callers', () => {
  test('without a key are told so', async () => {
    const { authorization: _, ...headers } = caller;
    expect(
      await answerOf(await api().request('/emails', { method: 'POST', headers, body: '{}' })),
    ).toMatchObject({
      status: 401,
      name: 'missing_api_key',
    });
  });

  test('without a User-Agent get the page that stands before Resend', async () => {
    const headers = { authorization: 'Bearer re_1' };
    const response = await api().request('/emails', { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('1010');
  });

  test('with another key than the one given out are refused', async () => {
    const response = await post(api({ apiKey: 're_2' }), '/emails', mail);
    expect(await answerOf(response)).toMatchObject({ status: 401, name: 'invalid_api_key' });
  });

  test('find no other paths and methods', async () => {
    expect((await post(api(), '/domains', {})).status).toBe(404);
    expect((await api().request('/emails', { method: 'PUT', headers: caller })).status).toBe(405);
    expect((await api().request('/emails/x', { method: 'DELETE', headers: caller })).status).toBe(405);
  });
});

test('a request beyond 40 MB is refused before it is read', async () => {
  const html = 'x'.repeat(41 * 1_024 * 1_024);
  expect(await answerOf(await post(api(), '/emails', { ...mail, html }))).toMatchObject({ status: 413 });
});

describe('one mail', () => {
  test('is kept as it came', async () => {
    const { id } = await answerOf(
      await post(api(), '/emails', {
        ...mail,
        to: ['ada@uni.test', 'Kenji <kenji@lab.test>'],
        text: 'Hi\0',
        reply_to: 'help@papers.test',
        headers: { 'List-Id': '<papers.test>' },
        tags: [{ name: 'digest', value: '7-20261123' }],
      }),
    );
    expect(await readMailboxMessage(database.db, id as string)).toMatchObject({
      from: mail.from,
      to: 'ada@uni.test, Kenji <kenji@lab.test>',
      subject: 'Papers',
      html: '<p>Hi</p>',
      text: 'Hi\uFFFD',
      headers: { 'List-Id': '<papers.test>', 'Reply-To': 'help@papers.test' },
      tags: { digest: '7-20261123' },
      lastEvent: 'sent',
    });
  });

  const refusals: [what: string, change: object, name: string, message: RegExp][] = [
    ['no from', { from: undefined }, 'missing_required_field', /^Missing `from` field\.$/],
    ['no to', { to: undefined }, 'missing_required_field', /^Missing `to` field\.$/],
    ['no subject', { subject: '' }, 'missing_required_field', /^Missing `subject` field\.$/],
    ['no content', { html: undefined }, 'missing_required_field', /`html` or `text`/],
    [
      'a to that is no address',
      { to: 'ada' },
      'validation_error',
      /^Invalid `to` field\. The email address needs/,
    ],
    ['a to that is a number', { to: 7 }, 'validation_error', /^Invalid `to` field/],
    ['an empty to', { to: [] }, 'validation_error', /^Invalid `to` field/],
    ['two addresses in one', { to: 'a@b.test, c@d.test' }, 'validation_error', /^Invalid `to` field/],
    ['letters beyond ASCII before the @', { to: 'zoë@uni.test' }, 'validation_error', /non-ASCII/],
    [
      '51 addresses',
      { to: Array.from({ length: 51 }, (_, n) => `r${n}@uni.test`) },
      'validation_error',
      /50/,
    ],
    ['a from that is no address', { from: 'Broadsheet' }, 'validation_error', /^Invalid `from` field/],
    ['a line break in the subject', { subject: 'a\r\nBcc: x@y.test' }, 'validation_error', /subject/],
    ['a line break in a header', { headers: { 'X-A': 'a\nb' } }, 'validation_error', /headers/],
    ['a header name with a colon', { headers: { 'X:A': 'a' } }, 'validation_error', /headers/],
    [
      '76 tags',
      { tags: Array.from({ length: 76 }, (_, n) => ({ name: `t${n}`, value: 'v' })) },
      'validation_error',
      /75/,
    ],
    ['a tag with a space', { tags: [{ name: 'a', value: 'b c' }] }, 'validation_error', /^Tags should only/],
    [
      'an endless tag',
      { tags: [{ name: 'a', value: 'b'.repeat(257) }] },
      'validation_error',
      /^Tags should only/,
    ],
    ['html that is no text', { html: ['x'] }, 'validation_error', /^Invalid `html` field/],
  ];
  test.each(refusals)('with %s is refused in Resend’s words', async (_what, change, name, message) => {
    const answer = await answerOf(await post(api(), '/emails', { ...mail, ...change }));
    expect(answer).toMatchObject({
      status: 422,
      statusCode: 422,
      name,
      message: expect.stringMatching(message),
    });
    expect(await listMailboxMessages(database.db, { limit: 10 })).toEqual([]);
  });

  test.each(['', '{', 'null', '[]', '7', '"x"'])('cannot be %j', async (body) => {
    const response = await api().request('/emails', { method: 'POST', headers: caller, body });
    expect(response.status).toBe(422);
  });

  test('to example.com is refused only when asked to be as strict as Resend', async () => {
    const body = { ...mail, to: 'ada@example.com' };
    expect((await post(api(), '/emails', body)).status).toBe(200);
    const strict = await answerOf(await post(api({ refuseExampleDomains: true }), '/emails', body));
    expect(strict).toMatchObject({ status: 422, message: expect.stringContaining('testing email address') });
  });

  test('can be looked up as Resend shows it', async () => {
    const body = { ...mail, tags: [{ name: 'digest', value: '7' }], reply_to: ['help@papers.test'] };
    const { id } = await answerOf(await post(api(), '/emails', body));
    const found = await answerOf(await api().request(`/emails/${String(id)}`, { headers: caller }));
    expect(found).toMatchObject({
      status: 200,
      object: 'email',
      id,
      to: ['ada@uni.test'],
      from: mail.from,
      subject: 'Papers',
      html: '<p>Hi</p>',
      text: null,
      reply_to: ['help@papers.test'],
      last_event: 'sent',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00$/),
      tags: [{ name: 'digest', value: '7' }],
    });
  });

  test('that does not exist is not found', async () => {
    const unknown = '/emails/56761188-7520-42d8-8898-ff6fc54ce618';
    expect((await api().request(unknown, { headers: caller })).status).toBe(404);
    expect((await api().request('/emails/nothing', { headers: caller })).status).toBe(422);
  });
});

describe('a batch', () => {
  test('of 100 is kept in its order', async () => {
    const body = Array.from({ length: 100 }, (_, n) => ({ ...mail, to: `r${n}@uni.test` }));
    const { data } = await answerOf(await post(api(), '/emails/batch', body));
    const kept = await listMailboxMessages(database.db, { limit: 200 });
    expect(kept.toReversed().map(({ id, to }) => ({ id, to }))).toEqual(
      (data as { id: string }[]).map(({ id }, n) => ({ id, to: `r${n}@uni.test` })),
    );
  });

  test.each([0, 101])('of %i is refused', async (length) => {
    const response = await post(
      api(),
      '/emails/batch',
      Array.from({ length }, () => mail),
    );
    expect(response.status).toBe(422);
  });

  test('must be an array', async () => {
    expect(await answerOf(await post(api(), '/emails/batch', mail))).toMatchObject({
      status: 422,
      message: 'The `request.body` field must be an `array`.',
    });
  });

  test('is refused whole by one bad member, unless it is permissive', async () => {
    const body = [mail, { ...mail, to: 'nobody' }, { ...mail, to: undefined }, mail];
    expect((await post(api(), '/emails/batch', body)).status).toBe(422);
    expect(await listMailboxMessages(database.db, { limit: 10 })).toEqual([]);

    const permissive = { 'x-batch-validation': 'permissive' };
    const answer = await answerOf(await post(api(), '/emails/batch', body, permissive));
    expect(answer).toMatchObject({
      status: 200,
      errors: [{ index: 1 }, { index: 2, message: 'Missing `to` field.' }],
    });
    expect(answer['data']).toHaveLength(2);
    expect(await listMailboxMessages(database.db, { limit: 10 })).toHaveLength(2);
  });

  test('takes no attachments', async () => {
    const response = await post(api(), '/emails/batch', [{ ...mail, attachments: [{}] }]);
    expect(await answerOf(response)).toMatchObject({
      status: 422,
      message: expect.stringContaining('attachments'),
    });
  });
});

describe('the test addresses', () => {
  test('meet their outcome right after acceptance, with and without a label', async () => {
    const to = [
      'delivered@resend.dev',
      'bounced+a@resend.dev',
      'Ann <complained@resend.dev>',
      'suppressed@resend.dev',
    ];
    await post(
      api(),
      '/emails/batch',
      [...to, 'ada@uni.test', 'x@resend.dev'].map((one) => ({ ...mail, to: one })),
    );
    expect(reported).toEqual([
      ['delivered@resend.dev', 'delivered'],
      ['bounced+a@resend.dev', 'hard'],
      ['Ann <complained@resend.dev>', 'complaint'],
      ['suppressed@resend.dev', 'suppressed'],
    ]);
  });

  test('meet it once, however often the request is repeated', async () => {
    const headers = { 'idempotency-key': 'once' };
    for (let round = 0; round < 3; round += 1) {
      await post(api(), '/emails', { ...mail, to: 'bounced@resend.dev' }, headers);
    }
    expect(reported).toHaveLength(1);
  });
});

describe('the limit', () => {
  test('is named on every answer, and kept for each second', async () => {
    const app = api({ requestsPerSecond: 3 });
    const responses = await Promise.all(Array.from({ length: 8 }, () => post(app, '/emails', mail)));
    const refused = responses.filter((response) => response.status === 429);
    // Eight requests at once fall into one second, or at worst into two.
    expect(refused.length).toBeGreaterThanOrEqual(2);
    for (const response of responses) {
      expect(response.headers.get('ratelimit-limit')).toBe('3');
      expect(response.headers.get('ratelimit-policy')).toBe('3;w=1');
    }
    expect(refused[0]!.headers.get('retry-after')).toBe('1');
    expect(await answerOf(refused[0]!)).toMatchObject({ name: 'rate_limit_exceeded', statusCode: 429 });
  });
});

test('the newest mails are kept and the oldest go', async () => {
  for (const to of ['a@b.test', 'c@b.test', 'd@b.test']) await post(api(), '/emails', { ...mail, to });
  await pruneMailboxMessages(database.db, 2);
  const kept = await listMailboxMessages(database.db, { limit: 10 });
  expect(kept.map(({ to }) => to)).toEqual(['d@b.test', 'c@b.test']);
});

describe('over HTTP', () => {
  let mailbox: MailboxListener;
  beforeAll(async () => {
    const webhookSecret = `whsec_${Buffer.from('a secret').toString('base64')}`;
    mailbox = await listenMailbox({ db: database.db, webhookUrl: 'http://127.0.0.1:9/', webhookSecret });
  });
  afterAll(() => mailbox.close());

  test('Resend’s own SDK cannot tell the difference', async () => {
    const resend = new Resend(mailbox.apiKey, { baseUrl: mailbox.baseUrl });
    const one = await resend.emails.send(
      { ...mail, replyTo: 'help@papers.test' },
      { idempotencyKey: 'sdk/1' },
    );
    const again = await resend.emails.send(
      { ...mail, replyTo: 'help@papers.test' },
      { idempotencyKey: 'sdk/1' },
    );
    expect(one.error).toBeNull();
    expect(again.data).toEqual(one.data);
    expect((await resend.emails.get(one.data!.id)).data).toMatchObject({
      to: ['ada@uni.test'],
      subject: 'Papers',
    });

    const batch = await resend.batch.send([mail, { ...mail, to: 'nobody' }], {
      batchValidation: 'permissive',
    });
    expect(batch.data?.data).toHaveLength(1);
    expect(batch.data?.errors).toMatchObject([{ index: 1 }]);
    const strict = await resend.batch.send([mail, { ...mail, to: 'nobody' }]);
    expect(strict.error).toMatchObject({ name: 'validation_error', statusCode: 422 });
    expect(strict.headers?.['ratelimit-policy']).toBe('100;w=1');
  });

  test('the transport reads its receipts', async () => {
    const transport = resendTransport({ ...mailbox, identity: 'mailbox' });
    const body = Buffer.from(JSON.stringify([mail, { ...mail, to: 'nobody' }, mail]));
    const request = { kind: 'batch', key: 'batch/1', body, members: 3 } as const;
    const receipt = await transport.submit(request);
    expect(receipt).toMatchObject({
      outcome: 'accepted',
      ids: [expect.any(String), null, expect.any(String)],
      refused: [{ index: 1 }],
      limits: { perSecond: 100 },
    });
    expect(await transport.submit(request)).toEqual(receipt);
    const other = { ...request, body: Buffer.from(JSON.stringify([mail])), members: 1 };
    expect(await transport.submit(other)).toMatchObject({ outcome: 'conflict' });
    const single = { kind: 'single', key: 'batch/1', members: 1 } as const;
    expect(await transport.submit({ ...single, body: Buffer.from(JSON.stringify(mail)) })).toMatchObject({
      outcome: 'accepted',
    });
    const bad = { ...single, key: 'bad', body: Buffer.from('{}') };
    expect(await transport.submit(bad)).toMatchObject({ outcome: 'refused', code: 'missing_required_field' });
    const stranger = resendTransport({ ...mailbox, apiKey: 're_stranger' });
    expect(await stranger.submit(bad)).toMatchObject({ outcome: 'halt', code: 'invalid_api_key' });
  });
});

function api(options: Partial<MailboxApiOptions> = {}) {
  return mailboxApi({ db: database.db, events, ...options });
}

function post(
  app: ReturnType<typeof api>,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const init = { method: 'POST', headers: { ...caller, ...headers }, body: JSON.stringify(body) };
  return Promise.resolve(app.request(path, init));
}

async function answerOf(response: Response): Promise<Record<string, unknown>> {
  return { ...((await response.json()) as object), status: response.status };
}
