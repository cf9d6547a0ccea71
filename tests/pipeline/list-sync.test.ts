import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { addMailboxSuppressions } from '../../src/db/mailbox-suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { syncList, syncListDaily } from '../../src/pipeline/list-sync.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import type { ListEntry } from '../../src/transport/suppression-list.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { moodyTransport, type MoodyTransport } from '../support/moody-transport.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let base: TestContext;
let ctx: TestContext & { transport: MoodyTransport };
beforeAll(async () => void (base = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => base.close());
beforeEach(async () => {
  await wipe(base);
  ctx = { ...base, transport: moodyTransport(base.transport) };
});

async function list(origin: ListEntry['origin'], ...addresses: string[]): Promise<void> {
  await addMailboxSuppressions(ctx.db, addresses, origin);
  await sql`update mailbox_suppressions set created_at = now() - interval '2 hours'`.execute(ctx.db);
}

async function suppressed(): Promise<Map<string, string>> {
  const rows = await ctx.db.selectFrom('suppressions').select(['address_hash', 'reason']).execute();
  return new Map(rows.map(({ address_hash: hash, reason }) => [hash.toString('hex'), reason]));
}
const hashOf = (address: string) => addressHash(ctx.config.suppressionKey, address).toString('hex');

test('what the provider knows is suppressed here, by its reason, and twice changes nothing', async () => {
  await list('complaint', 'ada@uni.test');
  await list('bounce', 'bo@uni.test');
  await list('manual', 'cy@uni.test');
  expect(await syncList(ctx)).toMatchObject({ read: 3, suppressed: 3, lifted: 0, agreed: 0 });
  const expected = new Map([
    [hashOf('ada@uni.test'), 'complaint'],
    [hashOf('bo@uni.test'), 'hard_bounce'],
    [hashOf('cy@uni.test'), 'manual'],
  ]);
  expect(await suppressed()).toEqual(expected);
  expect(await syncList(ctx)).toMatchObject({ read: 3, suppressed: 0, agreed: 3 });
  expect(await suppressed()).toEqual(expected);
});

test('a reader whom Resend lists for a bounce of policy is lifted there, and stays a reader', async () => {
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedDay(ctx, '2026-03-19', 3);
  const [reader] = await seedReaders(ctx, 1);
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  await sql`update digests set bounced_at = now(), bounce_class = 'policy'`.execute(ctx.db);
  const { rows } = await sql<{ id: string }>`select receipt_uuids[1] id from batches`.execute(ctx.db);
  await addMailboxSuppressions(ctx.db, [reader!.address], 'bounce', rows[0]!.id);
  expect(await syncList(ctx)).toMatchObject({ suppressed: 0, lifted: 1 });
  await sweep(ctx);
  expect(await ctx.db.selectFrom('mailbox_suppressions').selectAll().execute()).toEqual([]);
  expect(await suppressed()).toEqual(new Map());
});

test('it happens once a day, whoever comes first, and reads what is new', async () => {
  await sql`insert into gates (transport) values (${ctx.transport.identity})`.execute(ctx.db);
  await list('bounce', ...Array.from({ length: 150 }, (_, n) => `reader${n}@uni.test`));
  await Promise.all([syncListDaily(ctx), syncListDaily(ctx), syncListDaily(ctx)]);
  expect(ctx.transport.asked).toEqual(['page', 'page']);
  expect((await suppressed()).size).toBe(150);
  await syncListDaily(ctx);
  expect(ctx.transport.asked).toHaveLength(2);

  await sql`update mailbox_suppressions set created_at = now() - interval '3 days'`.execute(ctx.db);
  await addMailboxSuppressions(ctx.db, ['new@uni.test'], 'complaint');
  await sql`update mailbox_suppressions set created_at = now() - interval '2 hours' where email = 'new@uni.test'`.execute(
    ctx.db,
  );
  await sql`update gates set list_look_at = now()`.execute(ctx.db);
  await syncListDaily(ctx);
  expect(ctx.transport.asked).toHaveLength(3);
  expect((await suppressed()).get(hashOf('new@uni.test'))).toBe('complaint');
});

test('a list that does not answer is asked again in an hour, and mail is not held up', async () => {
  await sql`insert into gates (transport) values (${ctx.transport.identity})`.execute(ctx.db);
  ctx.transport.listAnswers = false;
  await syncListDaily(ctx);
  expect(await syncList(ctx)).toBeUndefined();
  const { rows } = await sql<{ inS: number }>`
    select extract(epoch from list_look_at - now())::float8 "inS" from gates`.execute(ctx.db);
  expect(Math.abs(rows[0]!.inS - 3600)).toBeLessThan(60);
});

test('over a transport without a list nothing is asked', async () => {
  const { suppressions: _, ...plain } = ctx.transport;
  await syncListDaily({ ...ctx, transport: plain });
  expect(await syncList({ ...ctx, transport: plain })).toBeUndefined();
});
