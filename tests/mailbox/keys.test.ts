import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { holdMailboxKey, pruneMailboxKeys } from '../../src/db/mailbox-keys.ts';
import { listMailboxMessages } from '../../src/db/mailbox-messages.ts';
import { mailboxApi } from '../../src/mailbox/app.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const mail = { from: 'digest@papers.test', to: 'ada@uni.test', subject: 'Papers', text: 'Hi' };
const events = {
  async report() {
    return { taken: true, status: 200 };
  },
  async reportSuppression() {},
  async close() {},
};
const dayMs = 86_400_000;

let database: TestDatabase;
let now = new Date('2026-11-23T07:00:00Z');

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  now = new Date('2026-11-23T07:00:00Z');
  await database.db.deleteFrom('mailbox_keys').execute();
  await database.db.deleteFrom('mailbox_messages').execute();
});

describe('the same key', () => {
  test('with the same body gets the first answer and makes no second mail, also after a restart', async () => {
    const [first, second] = [await post('k', mail), await post('k', mail)];
    expect(first.status).toBe(200);
    expect(second).toEqual(first);
    expect(await kept()).toBe(1);
  });

  test('with another body is a conflict, and the first mail stays alone', async () => {
    await post('k', mail);
    const answer = await post('k', { ...mail, subject: 'Other papers' });
    expect(answer).toMatchObject({ status: 409, body: { name: 'invalid_idempotent_request' } });
    expect(await kept()).toBe(1);
  });

  test('counts for each path by itself', async () => {
    await post('k', mail);
    expect(await post('k', [mail], '/emails/batch')).toMatchObject({ status: 200 });
    expect(await kept()).toBe(2);
  });

  test('is free again after 24 hours, and not before', async () => {
    const first = await post('k', mail);
    now = new Date(now.getTime() + dayMs - 1);
    expect(await post('k', mail)).toEqual(first);
    now = new Date(now.getTime() + 1);
    const late = await post('k', { ...mail, subject: 'Other papers' });
    expect(late.status).toBe(200);
    expect(late.body).not.toEqual(first.body);
    expect(await kept()).toBe(2);
  });

  test('is free again after a refusal: nothing had been taken', async () => {
    expect(await post('k', { ...mail, to: 'nobody' })).toMatchObject({ status: 422 });
    expect(await post('k', mail)).toMatchObject({ status: 200 });
  });

  test('while the first request runs is told to wait', async () => {
    await database.db.transaction().execute(async (trx) => {
      expect(await holdMailboxKey(trx, '/emails', 'k')).toBe(true);
      expect(await post('k', mail)).toMatchObject({
        status: 409,
        body: { name: 'concurrent_idempotent_requests' },
      });
      expect(await post('other', mail)).toMatchObject({ status: 200 });
    });
    expect(await post('k', mail)).toMatchObject({ status: 200 });
    expect(await kept()).toBe(2);
  });

  test('used by many at once makes one batch, whoever wins', async () => {
    const batch = Array.from({ length: 20 }, (_, n) => ({ ...mail, to: `r${n}@uni.test` }));
    const answers = await Promise.all(Array.from({ length: 8 }, () => post('k', batch, '/emails/batch')));
    const accepted = answers.filter(({ status }) => status === 200);
    expect(accepted.length).toBeGreaterThanOrEqual(1);
    for (const answer of accepted) expect(answer).toEqual(accepted[0]);
    const others = answers.filter(({ status }) => status !== 200);
    for (const { body } of others) expect(body).toMatchObject({ name: 'concurrent_idempotent_requests' });
    expect(await kept()).toBe(20);
  });
});

test('a crash in the middle leaves neither mail nor key', async () => {
  // The key cannot be written any more, as if the process had died between the mails and it.
  await database.pool.query(
    'alter table broadsheet.mailbox_keys add constraint broken check (false) not valid',
  );
  try {
    expect(await post('k', mail)).toMatchObject({ status: 500 });
    expect(await kept()).toBe(0);
  } finally {
    await database.pool.query('alter table broadsheet.mailbox_keys drop constraint broken');
  }
  expect(await post('k', mail)).toMatchObject({ status: 200 });
  expect(await kept()).toBe(1);
});

test.each(['', 'x'.repeat(257)])('a key must have 1 to 256 characters', async (key) => {
  expect(await post(key, mail)).toMatchObject({ status: 400, body: { name: 'invalid_idempotency_key' } });
});

test('old keys are let go of', async () => {
  await post('k', mail);
  await pruneMailboxKeys(database.db, new Date(now.getTime() - 1));
  expect(await database.db.selectFrom('mailbox_keys').selectAll().execute()).toHaveLength(1);
  await pruneMailboxKeys(database.db, now);
  expect(await database.db.selectFrom('mailbox_keys').selectAll().execute()).toHaveLength(0);
});

/** Each request meets an API that has just been started. */
async function post(
  key: string,
  body: unknown,
  path = '/emails',
): Promise<{ status: number; body: unknown }> {
  const app = mailboxApi({ db: database.db, events, now: () => now });
  const headers = { authorization: 'Bearer re_1', 'user-agent': 'test', 'idempotency-key': key };
  const response = await app.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}

async function kept(): Promise<number> {
  return (await listMailboxMessages(database.db, { limit: 100 })).length;
}
