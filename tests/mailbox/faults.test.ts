import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listMailboxMessages } from '../../src/db/mailbox-messages.ts';
import type { Fault } from '../../src/mailbox/faults.ts';
import { listenMailbox, type ListenOptions, type MailboxListener } from '../../src/mailbox/listen.ts';
import { resendTransport } from '../../src/transport/resend.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const mail = { from: 'digest@papers.test', to: 'ada@uni.test', subject: 'Papers', text: 'Hi' };
const batch = { kind: 'batch', body: Buffer.from(JSON.stringify([mail, mail])), members: 2 } as const;

let database: TestDatabase;
let mailbox: MailboxListener | undefined;
let transport: Transport;
beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.deleteFrom('mailbox_messages').execute();
  await database.db.deleteFrom('mailbox_keys').execute();
});
afterEach(async () => {
  await mailbox?.close();
  mailbox = undefined;
});

async function open(faults: Fault[], options: Partial<ListenOptions> = {}): Promise<MailboxListener> {
  const webhook = { webhookUrl: 'http://127.0.0.1:9/', webhookSecret: 'whsec_AAAA' };
  mailbox = await listenMailbox({ db: database.db, ...webhook, faults: { faults }, ...options });
  transport = resendTransport({ ...mailbox, timeoutMs: 2_000 });
  return mailbox;
}

const submit = (key: string) => transport.submit({ ...batch, key });
const kept = async () => (await listMailboxMessages(database.db, { limit: 100 })).length;

describe('a fault, once, and then the same request again', () => {
  const before: [what: string, fault: Fault, outcome: object][] = [
    ['a 500', { does: 'answer 500' }, { outcome: 'lost', code: 'application_error' }],
    ['a 503', { does: 'answer 503' }, { outcome: 'lost', code: 'service_unavailable' }],
    ['a 502 in HTML', { does: 'answer 502 in HTML' }, { outcome: 'lost' }],
    ['nonsense with a 200', { does: 'answer nonsense' }, { outcome: 'lost', code: 'no_answer' }],
    ['a reset', { does: 'reset' }, { outcome: 'lost', code: 'no_answer' }],
  ];
  test.each(before)('%s before anything was taken: two mails in the end', async (_what, fault, outcome) => {
    await open([{ ...fault, times: 1 }]);
    expect(await submit('k')).toMatchObject(outcome);
    expect(await kept()).toBe(0);
    expect(await submit('k')).toMatchObject({ outcome: 'accepted' });
    expect(await kept()).toBe(2);
  });

  test.each(before)('%s after all was taken: two mails and not four', async (_what, fault, outcome) => {
    await open([{ ...fault, when: 'after', times: 1 }]);
    expect(await submit('k')).toMatchObject(outcome);
    expect(await kept()).toBe(2);
    expect(await submit('k')).toMatchObject({ outcome: 'accepted', refused: [] });
    expect(await kept()).toBe(2);
  });

  test('a slow answer is a lost one, and the replay gets it', async () => {
    await open([{ does: 'pause', when: 'after', pauseMs: 1_000, times: 1 }]);
    transport = resendTransport({ ...mailbox!, timeoutMs: 300 });
    expect(await submit('k')).toMatchObject({ outcome: 'lost', code: 'timeout' });
    transport = resendTransport(mailbox!);
    expect(await submit('k')).toMatchObject({ outcome: 'accepted' });
    expect(await kept()).toBe(2);
  });

  test('a request still at work makes another under its key wait', async () => {
    await open([{ does: 'pause', when: 'during', pauseMs: 1_500, times: 1 }]);
    const first = submit('k');
    await expect.poll(() => keysHeld()).toBeGreaterThan(0);
    expect(await submit('k')).toMatchObject({ outcome: 'busy', code: 'concurrent_idempotent_requests' });
    expect(await submit('other')).toMatchObject({ outcome: 'accepted' });
    expect(await first).toMatchObject({ outcome: 'accepted' });
    expect(await kept()).toBe(4);
  });
});

describe('a script', () => {
  test('lets requests pass, counts, and ends', async () => {
    await open([{ does: 'answer 500', skip: 1, times: 2, path: '/emails/batch' }]);
    const outcomes = [];
    for (let n = 0; n < 5; n += 1) outcomes.push((await submit(`k${n}`)).outcome);
    expect(outcomes).toEqual(['accepted', 'lost', 'lost', 'accepted', 'accepted']);
  });

  test('in shares falls the same way with the same dice', async () => {
    const runs = [];
    for (let run = 0; run < 2; run += 1) {
      await open([], { faults: { faults: [{ does: 'answer 503', share: 0.5 }], seed: 11 } });
      const outcomes = [];
      for (let n = 0; n < 12; n += 1) outcomes.push((await submit(`${run}/${n}`)).outcome);
      runs.push(outcomes);
      await mailbox!.close();
      mailbox = undefined;
    }
    expect(runs[0]).toEqual(runs[1]);
    expect(new Set(runs[0])).toEqual(new Set(['accepted', 'lost']));
  });

  test('touches nothing but what submits mail', async () => {
    const { baseUrl, apiKey } = await open([{ does: 'answer 500' }]);
    const headers = { authorization: `Bearer ${apiKey}`, 'user-agent': 'test' };
    expect((await fetch(`${baseUrl}/emails`, { headers })).status).toBe(200);
  });
});

describe('/_faults', () => {
  test('is not there unless it was asked for', async () => {
    const { baseUrl } = await open([]);
    expect((await fetch(`${baseUrl}/_faults`)).status).toBe(401);
    const headers = { authorization: `Bearer ${mailbox!.apiKey}`, 'user-agent': 'test' };
    expect((await fetch(`${baseUrl}/_faults`, { headers })).status).toBe(404);
  });

  test('scripts, tells and ends what goes wrong, from another process', async () => {
    const { baseUrl } = await open([], { faultControl: true });
    const url = `${baseUrl}/_faults`;
    const faults = [{ does: 'answer 500', times: 2 }];
    const put = await fetch(url, { method: 'PUT', body: JSON.stringify({ faults }) });
    expect(put.status).toBe(200);
    expect(await submit('k')).toMatchObject({ outcome: 'lost' });
    expect(await (await fetch(url)).json()).toMatchObject({ faults: [{ happened: 1 }] });
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect(await submit('k')).toMatchObject({ outcome: 'accepted' });
  });

  test('refuses what is no script, and strangers', async () => {
    const { baseUrl } = await open([], { faultControl: true });
    for (const body of [
      '',
      '7',
      '{"faults":[{"does":"explode"}]}',
      '{"faults":[{"does":"reset","often":1}]}',
    ]) {
      expect((await fetch(`${baseUrl}/_faults`, { method: 'PUT', body })).status).toBe(400);
    }
    const proxied = { 'x-forwarded-for': '203.0.113.9' };
    expect((await fetch(`${baseUrl}/_faults`, { headers: proxied })).status).toBe(403);
  });
});

async function keysHeld(): Promise<number> {
  const { rows } = await database.pool.query(
    `select 1 from pg_locks where locktype = 'advisory' and classid = ${0x6d61696c}
      and database = (select oid from pg_database where datname = current_database())`,
  );
  return rows.length;
}
