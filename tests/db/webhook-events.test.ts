import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  createPartition,
  settleEvents,
  storeWebhookEvent,
  takeUnprocessedEvents,
} from '../../src/db/webhook-events.ts';
import { addDays, utcDate } from '../../src/domain/cadence.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());
beforeEach(async () => void (await sql`truncate webhook_events`.execute(database.db)));

const event = { svixId: 'msg_1', type: 'email.delivered', body: '{}' };

async function countEvents(): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int n from webhook_events`.execute(database.db);
  return rows[0]!.n;
}

test('the day’s partition is made on demand, by however many at once', async () => {
  const stored = await Promise.all(
    Array.from({ length: 8 }, (_, n) => storeWebhookEvent(database.db, { ...event, svixId: `msg_${n % 4}` })),
  );
  expect(stored.filter(Boolean)).toHaveLength(4);
  expect(await countEvents()).toBe(4);
});

test('an event told again within three days is the same one, whatever its day', async () => {
  expect(await storeWebhookEvent(database.db, event)).toBe(true);
  const { rows } = await sql<{ today: string }>`select (now() at time zone 'utc')::date today`.execute(
    database.db,
  );
  for (const [daysAgo, isNew] of [
    [1, false],
    [3, false],
    [4, true],
  ] as const) {
    const day = addDays(rows[0]!.today, -daysAgo);
    await createPartition(database.db, 'webhook_events', day, addDays(day, 1));
    const svixId = `msg_${daysAgo}_days_ago`;
    await sql`insert into webhook_events (svix_id, received_on, type, body)
      values (${svixId}, ${day}, 'email.delivered', '{}')`.execute(database.db);
    expect(await storeWebhookEvent(database.db, { ...event, svixId })).toBe(isNew);
  }
});

test('a body that Postgres cannot store is an error for the one who told it, not a row', async () => {
  await expect(storeWebhookEvent(database.db, { ...event, body: '\0' })).rejects.toThrow('invalid byte');
  expect(await countEvents()).toBe(0);
});

test('who comes while another works events off waits, and finds what that one left', async () => {
  for (const n of [1, 2, 3]) await storeWebhookEvent(database.db, { ...event, svixId: `msg_${n}` });
  const taken = await Promise.all(
    [1, 2, 3].map(() =>
      database.db.transaction().execute(async (trx) => {
        const events = await takeUnprocessedEvents(trx, 2);
        await settleEvents(
          trx,
          events.map((event) => ({ ...event, result: 'noted' })),
        );
        return events.map(({ svixId }) => svixId);
      }),
    ),
  );
  expect(taken.map((ids) => ids.length).toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  expect(taken.flat().toSorted()).toEqual(['msg_1', 'msg_2', 'msg_3']);
});

test('a partition may be made again, and beside its neighbours', async () => {
  const day = addDays(utcDate(new Date()), 30);
  const make = () => createPartition(database.db, 'digests', day, addDays(day, 1));
  await Promise.all([make(), make(), make()]);
  await createPartition(database.db, 'digests', addDays(day, 1), addDays(day, 2));
  const { rows } = await sql<{ n: number }>`
    select count(*)::int n from pg_inherits where inhparent = 'digests'::regclass`.execute(database.db);
  expect(rows[0]!.n).toBe(2);
});
