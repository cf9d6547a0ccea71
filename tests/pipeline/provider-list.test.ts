import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/db/ledger.ts';
import { addMailboxSuppressions } from '../../src/db/mailbox-suppressions.ts';
import { insertNotice } from '../../src/db/notices.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { clearTheWay, liftDue } from '../../src/pipeline/provider-list.ts';
import { resubscribe, unsubscribe } from '../../src/pipeline/subscription.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { moodyTransport, type MoodyTransport } from '../support/moody-transport.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import { ageBatch, attempt, hurry, planAndCompose, readBatch } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';
let base: TestContext;
let ctx: TestContext & { transport: MoodyTransport };
let readers: SeededReader[];
let batchId: number;
beforeAll(async () => void (base = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => base.close());
beforeEach(async () => {
  await wipe(base);
  base.setNow('2026-03-20T06:00:00Z');
  ctx = { ...base, transport: moodyTransport(base.transport) };
  await seedDay(ctx, '2026-03-19', 4);
  readers = await seedReaders(ctx, 3);
  [batchId] = (await planAndCompose(ctx, '2026-03-20T07:00:00Z')).batchIds as [number];
});

/** The first attempt is lost one way or the other; then the second reader leaves. */
async function leaveInBetween(mood: MoodyTransport['mood'] = 'loses requests'): Promise<string> {
  ctx.transport.mood = mood;
  await attempt(ctx, { batchId });
  await unsubscribe(ctx, readers[1]!.id);
  ctx.transport.mood = 'carries';
  return readers[1]!.address;
}

async function replay(): Promise<void> {
  await hurry(ctx);
  await attempt(ctx, { batchId });
}

const listed = async () =>
  (
    await ctx.db.selectFrom('mailbox_suppressions').select(['email', 'origin']).orderBy('email').execute()
  ).map(({ email, origin }) => `${email} ${origin}`);
const lifts = () => ctx.db.selectFrom('lifts').select(['address', 'reason']).execute();

/** Who got what, as the mailbox saw it once its events were out. */
async function received(): Promise<string[]> {
  for (;;) {
    const rows = await ctx.db
      .selectFrom('mailbox_messages')
      .select(['to_address', 'last_event'])
      .orderBy('to_address')
      .execute();
    const isPending = rows.some(
      ({ to_address: to, last_event: is }) => to === readers[1]!.address && is === 'sent',
    );
    if (!isPending) return rows.filter(({ last_event: is }) => is === 'sent').map(({ to_address: to }) => to);
  }
}

async function settleLongAgo(): Promise<void> {
  await sql`update batches set settled_at = settled_at - interval '61 minutes'`.execute(ctx.db);
}

describe('who leaves a batch whose request may have been taken', () => {
  test('is put on the provider’s list before the very same bytes are replayed, and gets nothing', async () => {
    const address = await leaveInBetween();
    await replay();
    expect(ctx.transport.asked).toEqual([`find ${address}`, `add ${address}`]);
    expect(await listed()).toEqual([`${address} manual`]);
    expect(await readLedger(ctx.db, edition)).toMatchObject({ accepted: 3, pending: 0 });
    expect(await received()).toEqual([readers[0]!.address, readers[2]!.address]);
  });

  test('holds up nobody: the whole window of twenty hours is there for the others', async () => {
    await leaveInBetween();
    await ageBatch(ctx, batchId, '19 hours 50 minutes');
    await replay();
    expect(await readLedger(ctx.db, edition)).toMatchObject({ accepted: 3 });
  });

  test('gets one mail and no second when only the answer was lost: the replay gets that answer', async () => {
    await leaveInBetween('loses answers');
    await replay();
    expect(await readLedger(ctx.db, edition)).toMatchObject({ accepted: 3 });
    const mails = await ctx.db.selectFrom('mailbox_messages').select('to_address').execute();
    expect(mails).toHaveLength(3);
  });

  test('leaves a quarter of an hour where the list does not answer, then the batch is unknown', async () => {
    await leaveInBetween();
    ctx.transport.listAnswers = false;
    ctx.transport.mood = 'loses requests';
    await ageBatch(ctx, batchId, '14 minutes');
    await replay();
    expect(await readBatch(ctx, batchId)).toMatchObject({ state: 'frozen' });
    ctx.transport.mood = 'carries';
    await ageBatch(ctx, batchId, '2 minutes');
    await replay();
    expect(await readBatch(ctx, batchId)).toMatchObject({ state: 'unknown' });
    expect(await listed()).toEqual([]);
  });

  test('is asked about again at each replay, so that a list that answers late still helps', async () => {
    await leaveInBetween();
    ctx.transport.listAnswers = false;
    ctx.transport.mood = 'loses requests';
    await replay();
    ctx.transport.listAnswers = true;
    ctx.transport.mood = 'carries';
    await ageBatch(ctx, batchId, '3 hours');
    await replay();
    expect(await readLedger(ctx.db, edition)).toMatchObject({ accepted: 3 });
    expect(await received()).toEqual([readers[0]!.address, readers[2]!.address]);
  });

  test('who is on the list for a bounce stays there for that', async () => {
    const address = await leaveInBetween();
    await addMailboxSuppressions(ctx.db, [address], 'bounce');
    await replay();
    expect(await lifts()).toEqual([]);
    await settleLongAgo();
    await liftDue(ctx);
    expect(await listed()).toEqual([`${address} bounce`]);
  });
});

describe('an hour after its batch is settled', () => {
  test('the address comes off again, not sooner', async () => {
    const address = await leaveInBetween();
    await replay();
    await liftDue(ctx);
    expect(await listed()).toEqual([`${address} manual`]);
    await settleLongAgo();
    await liftDue(ctx);
    expect([await listed(), await lifts()]).toEqual([[], []]);
  });

  test('it stays where its reader was suppressed meanwhile, or complained at the provider', async () => {
    const address = await leaveInBetween();
    await replay();
    await settleLongAgo();
    const hash = addressHash(ctx.config.suppressionKey, address);
    await suppress(ctx.db, { addressHash: hash, reason: 'complaint', origin: 'webhook' });
    await liftDue(ctx);
    expect([await listed(), await lifts()]).toEqual([[`${address} manual`], []]);
  });

  test('a complaint that only the provider knows of stays too', async () => {
    const address = await leaveInBetween();
    await replay();
    await settleLongAgo();
    await sql`update mailbox_suppressions set origin = 'complaint'`.execute(ctx.db);
    await liftDue(ctx);
    expect([await listed(), await lifts()]).toEqual([[`${address} complaint`], []]);
  });

  test('a list that does not answer is asked again', async () => {
    const address = await leaveInBetween();
    await replay();
    await settleLongAgo();
    ctx.transport.listAnswers = false;
    await liftDue(ctx);
    expect(await lifts()).toEqual([{ address, reason: 'left' }]);
    ctx.transport.listAnswers = true;
    await liftDue(ctx);
    expect([await listed(), await lifts()]).toEqual([[], []]);
  });
});

describe('who comes back', () => {
  const claims = () => ({ purpose: 'unsubscribe' as const, subscriberId: readers[1]!.id, addressVersion: 1 });

  test('comes off the provider’s list at the next sweep', async () => {
    await sql`update subscribers set confirmed_at = now() - interval '1 day'`.execute(ctx.db);
    await leaveInBetween();
    await replay();
    expect(await resubscribe(ctx, claims())).toBe(true);
    await liftDue(ctx);
    expect([await listed(), await lifts()]).toEqual([[], []]);
  });

  test('takes a complaint back there as well, once it is taken back here', async () => {
    await sql`update subscribers set confirmed_at = now() - interval '1 day'`.execute(ctx.db);
    const { address } = readers[1]!;
    await addMailboxSuppressions(ctx.db, [address], 'complaint');
    const hash = addressHash(ctx.config.suppressionKey, address);
    await suppress(ctx.db, { addressHash: hash, reason: 'complaint', origin: 'webhook' });
    expect(await resubscribe(ctx, claims())).toBe(true);
    await liftDue(ctx);
    expect([await listed(), await lifts()]).toEqual([[], []]);
  });

  test('gets a confirmation only when no open batch may be replayed to them, and then for certain', async () => {
    const address = await leaveInBetween();
    ctx.transport.mood = 'loses requests';
    await replay();
    const notice = { subscriberId: readers[1]!.id, kind: 'confirm' as const, cause: 'back', address };
    const noticeId = (await insertNotice(ctx.db, notice))!;
    ctx.transport.mood = 'carries';
    await attempt(ctx, { noticeId });
    const waiting = await ctx.db.selectFrom('notices').select(['state', 'reason']).executeTakeFirstOrThrow();
    expect(waiting).toEqual({ state: 'composed', reason: 'a batch that its reader left is open' });
    await replay();
    await hurry(ctx);
    await attempt(ctx, { noticeId });
    expect(await listed()).toEqual([]);
    const { state } = await ctx.db.selectFrom('notices').select('state').executeTakeFirstOrThrow();
    expect(state).toBe('accepted');
  });

  test('a list that does not answer holds no notice up', async () => {
    await leaveInBetween();
    await replay();
    ctx.transport.listAnswers = false;
    expect(await clearTheWay(ctx, readers[1]!.address)).toBe(true);
  });
});

test('a notice whose reader was suppressed in between is replayed only with its address on the list', async () => {
  const { id: subscriberId, address } = readers[0]!;
  const noticeId = (await insertNotice(ctx.db, { subscriberId, kind: 'link', cause: 'asked', address }))!;
  ctx.transport.mood = 'loses requests';
  await attempt(ctx, { noticeId });
  const hash = addressHash(ctx.config.suppressionKey, address);
  await suppress(ctx.db, { addressHash: hash, reason: 'manual', origin: 'operator' });
  ctx.transport.mood = 'carries';
  await hurry(ctx);
  await attempt(ctx, { noticeId });
  expect(await listed()).toEqual([`${address} manual`]);
});
