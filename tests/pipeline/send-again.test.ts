import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { skipLate } from '../../src/db/batches.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { mailIdOfDigest } from '../../src/db/receipts.ts';
import { findById } from '../../src/db/subscribers.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { balances } from '../../src/domain/ledger.ts';
import { maySendAgain, sendAgain } from '../../src/pipeline/send-again.ts';
import { closeEditions } from '../../src/pipeline/sweep.ts';
import { viewDigest } from '../../src/pipeline/view.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import {
  lost,
  refuseAt,
  refused,
  type Scripted,
  scriptedTransport,
  type ScriptedTransport,
} from '../support/scripted-transport.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import { ageBatch, deliverAll, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';
let ctx: TestContext;
let transport: ScriptedTransport;
beforeAll(async () => {
  transport = scriptedTransport();
  ctx = await openTestContext({ transport, env: { MAIL_RATE_PER_SECOND: '1000' } });
});
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  transport.script.length = 0;
  transport.submissions.length = 0;
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedDay(ctx, '2026-03-19', 5);
});

async function send(readers: number, ...script: Scripted[]): Promise<SeededReader[]> {
  const seeded = await seedReaders(ctx, readers);
  transport.script.push(...script);
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  return seeded;
}

const again = async (reader: SeededReader) => sendAgain(ctx, (await findById(ctx.db, reader.id))!);
const may = async (reader: SeededReader) => maySendAgain(ctx, (await findById(ctx.db, reader.id))!);
const mailsTo = ({ address }: SeededReader) =>
  transport.submissions.filter(({ to }) => to.includes(address)).length;

test('one that an accepted batch refused goes again, alone, once, and the ledger adds up all the while', async () => {
  const readers = await send(4, refuseAt(1));
  expect(await readLedger(ctx.db, edition)).toMatchObject({ accepted: 3, failed: { refused: 1 } });
  expect(await again(readers[1]!)).toBe(true);
  expect(await again(readers[1]!)).toBe(false);
  expect(await readLedger(ctx.db, edition)).toMatchObject({ accepted: 3, failed: {}, pending: 1 });
  await deliverAll(ctx);
  const ledger = await readLedger(ctx.db, edition);
  expect(ledger).toMatchObject({ audience: 4, accepted: 4, failed: {}, pending: 0 });
  expect(balances(ledger)).toBe(true);
  expect(readers.map(mailsTo)).toEqual([1, 2, 1, 1]);
  expect(await again(readers[1]!)).toBe(false);
});

test('in the evening a morning’s digest is not too late to be sent again', async () => {
  const readers = await send(2, refuseAt(1));
  await sql`update ranges set created_at = now() - interval '13 hours'`.execute(ctx.db);
  await sql`update batches set created_at = now() - interval '13 hours'`.execute(ctx.db);
  expect(await again(readers[1]!)).toBe(true);
  expect(await skipLate(ctx.db)).toBe(0);
  await deliverAll(ctx);
  expect(await readLedger(ctx.db, edition)).toMatchObject({ accepted: 2, skipped: {}, pending: 0 });
});

test('the others of its batch keep their ids, and every mail can still be shown as it was', async () => {
  const readers = await send(4, refuseAt(1));
  const idOf = async ({ id }: SeededReader) => {
    const { rows } = await sql<{ id: string }>`
      select ${mailIdOfDigest} id from digests d join batches b
        on coalesce(b.origin_id, b.id) = d.batch_id and d.position = any(b.positions)
      where d.subscriber_id = ${id}`.execute(ctx.db);
    return rows.map((row) => row.id);
  };
  const before = await Promise.all([readers[0]!, readers[2]!, readers[3]!].map(idOf));
  await again(readers[1]!);
  await deliverAll(ctx);
  expect(await Promise.all([readers[0]!, readers[2]!, readers[3]!].map(idOf))).toEqual(before);
  expect(await idOf(readers[1]!)).toHaveLength(1);
  for (const { id: subscriberId } of readers) {
    const claims = { purpose: 'digest', subscriberId, addressVersion: 1, localDate: edition } as const;
    expect((await viewDigest(ctx, claims))?.subject).toBeTruthy();
  }
});

test('one whose batch failed goes again', async () => {
  const [reader] = await send(1, refused);
  expect(await readLedger(ctx.db, edition)).toMatchObject({ failed: { refused: 1 } });
  expect(await again(reader!)).toBe(true);
  await deliverAll(ctx);
  expect(await readLedger(ctx.db, edition)).toMatchObject({ accepted: 1, failed: {}, pending: 0 });
});

test('what was accepted, bounced or is unknown never goes again', async () => {
  const [accepted] = await send(1);
  expect([await may(accepted!), await again(accepted!)]).toEqual([false, false]);
  await sql`update digests set bounced_at = now(), bounce_class = 'soft'`.execute(ctx.db);
  expect(await again(accepted!)).toBe(false);
  await sql`update batches set state = 'unknown'`.execute(ctx.db);
  expect(await again(accepted!)).toBe(false);
  expect(mailsTo(accepted!)).toBe(1);
});

test('while its answer is lost it may have been accepted, so it does not go again', async () => {
  const seeded = await seedReaders(ctx, 1);
  transport.script.push(lost);
  const { batchIds } = await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  transport.script.push(...Array(60).fill(lost));
  await deliverAll(ctx).catch(() => {});
  await ageBatch(ctx, batchIds[0]!, '1 hour');
  expect(await again(seeded[0]!)).toBe(false);
});

test('a reader who left, whose address is suppressed, or whose day is over gets nothing again', async () => {
  const readers = await send(3, refuseAt(0, 1, 2));
  expect(await may(readers[0]!)).toBe(true);
  const hash = addressHash(ctx.config.suppressionKey, readers[0]!.address);
  await suppress(ctx.db, { addressHash: hash, reason: 'manual', origin: 'operator' });
  await sql`update subscribers set status = 'unsubscribed' where id = ${readers[1]!.id}`.execute(ctx.db);
  expect([await again(readers[0]!), await again(readers[1]!)]).toEqual([false, false]);
  ctx.setNow('2026-03-21T00:30:00Z');
  expect(await again(readers[2]!)).toBe(false);
});

test('a closed ledger is not opened for it', async () => {
  const [reader] = await send(2, refuseAt(0));
  await closeEditions(ctx, ctx.now());
  await sql`update editions set closed_at = now(), ledger = '{}'`.execute(ctx.db);
  expect(await again(reader!)).toBe(false);
});
