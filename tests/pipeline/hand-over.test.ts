import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { reopenGate } from '../../src/db/gates.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { deliver } from '../../src/pipeline/deliver.ts';
import { drain } from '../../src/pipeline/drain.ts';
import { nudge } from '../../src/pipeline/sweep.ts';
import { startWorkers } from '../../workers/all.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { halt, lost, parked, type Scripted, scriptedTransport } from '../support/scripted-transport.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { attempt, deliverAll, hurry, planAndCompose, readBatch } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';
const tomorrow = new Date(Date.now() + 86_400_000);

let base: TestContext;
beforeAll(async () => void (base = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => base.close());
beforeEach(async () => {
  await wipe(base);
  base.setNow('2026-03-20T06:00:00Z');
});

async function composed(count: number, script: Scripted[]) {
  await seedDay(base, '2026-03-19', 4);
  const readers = await seedReaders(base, count);
  const { batchIds } = await planAndCompose(base, '2026-03-20T07:00:00Z');
  return { ...base, transport: scriptedTransport(script), readers, batchIds };
}

test.each([
  ['an answer that halts', halt],
  ['a quota that is used up', parked(tomorrow)],
])('%s closes the gate for everybody: nothing is submitted afterwards', async (_, answer) => {
  const ctx = await composed(250, [answer]);
  const other = await openTestContext({ beside: base, transport: ctx.transport });
  try {
    for (const batchId of ctx.batchIds) await attempt(ctx, { batchId });
    for (const batchId of ctx.batchIds) await attempt(other, { batchId });
  } finally {
    await other.close();
  }
  expect(ctx.transport.submissions).toHaveLength(1);
  expect(await readLedger(base.db, edition)).toMatchObject({ pending: 250, accepted: 0 });
});

test('while the gate is closed, deliveries end quietly and the sweep nudges none', async () => {
  const ctx = await composed(2, [halt]);
  await attempt(ctx, { batchId: ctx.batchIds[0]! });
  await hurry(ctx);
  await deliver(ctx, { batchId: ctx.batchIds[0]! });
  await ctx.queues.queue('deliver').obliterate({ force: true });
  await nudge(ctx);
  expect(await ctx.queues.queue('deliver').getPrioritizedCount()).toBe(0);
  await reopenGate(ctx.db, 'scripted');
  await nudge(ctx);
  expect(await ctx.queues.queue('deliver').getPrioritizedCount()).toBe(1);
});

test('draining a halted or parked edition says so instead of waiting', async () => {
  const ctx = await composed(2, [halt]);
  await attempt(ctx, { batchId: ctx.batchIds[0]! });
  expect(await drain(ctx, [edition])).toEqual({
    done: false,
    reason: 'Mail is halted: suspended_api_key (suspended).',
  });
  await reopenGate(ctx.db, 'scripted');
  ctx.transport.script.push(parked(tomorrow));
  await hurry(ctx);
  await attempt(ctx, { batchId: ctx.batchIds[0]! });
  expect(await drain(ctx, [edition])).toMatchObject({
    done: false,
    reason: expect.stringContaining(`parked until ${tomorrow.toISOString()}`),
  });
});

test('what was never taken is frozen anew when the gate opens: a new key, and suppressions looked at again', async () => {
  const ctx = await composed(3, [halt]);
  const batchId = ctx.batchIds[0]!;
  await attempt(ctx, { batchId });
  expect(await readBatch(ctx, batchId)).toMatchObject({ state: 'composed', key: null, lease: null });
  await suppress(ctx.db, {
    addressHash: addressHash(ctx.config.suppressionKey, ctx.readers[0]!.address),
    reason: 'complaint',
    origin: 'webhook',
  });
  await reopenGate(ctx.db, 'scripted');
  await deliverAll(ctx);
  const [first, second] = ctx.transport.submissions;
  expect(second!.key).not.toBe(first!.key);
  expect(second!.to).toEqual(ctx.readers.slice(1).map(({ address }) => address));
  expect(await readLedger(base.db, edition)).toMatchObject({ accepted: 2, skipped: { suppressed: 1 } });
});

test('what may have been taken keeps its bytes and key while the gate is closed', async () => {
  const ctx = await composed(2, [lost, parked(tomorrow)]);
  const batchId = ctx.batchIds[0]!;
  await attempt(ctx, { batchId });
  await attempt(ctx, { batchId });
  expect(await readBatch(ctx, batchId)).toMatchObject({ state: 'frozen' });
  await reopenGate(ctx.db, 'scripted');
  await deliverAll(ctx);
  expect(ctx.transport.submissions).toHaveLength(3);
  expect(new Set(ctx.transport.submissions.map(({ body }) => body.toString('latin1'))).size).toBe(1);
  expect(new Set(ctx.transport.submissions.map(({ key }) => key)).size).toBe(1);
});

test('a parked gate opens by itself when its time has come', async () => {
  const ctx = await composed(2, [parked(tomorrow)]);
  await attempt(ctx, { batchId: ctx.batchIds[0]! });
  await sql`update gates set parked_until = now() - interval '1 second'`.execute(base.db);
  await deliverAll(ctx);
  expect(await readLedger(base.db, edition)).toMatchObject({ accepted: 2 });
});

test('a gate that closes while a request stands in line holds it back', async () => {
  const ctx = await composed(2, []);
  const batchId = ctx.batchIds[0]!;
  await sql`insert into gates (transport, next_slot_at) values ('scripted', now() + interval '900 ms')`.execute(
    base.db,
  );
  const standing = attempt(ctx, { batchId });
  await frozen(batchId);
  await sql`update gates set halted_at = now(), reason = 'an operator'`.execute(base.db);
  await standing;
  expect(ctx.transport.submissions).toEqual([]);
  expect(await readBatch(ctx, batchId)).toMatchObject({ uncertain_at: null, lease: null });
});

test('a process that stops while it stands in line leaves its batch certain, to be taken at once', async () => {
  const stop = new AbortController();
  const ctx = { ...(await composed(2, [])), signal: stop.signal };
  const batchId = ctx.batchIds[0]!;
  await sql`insert into gates (transport, next_slot_at) values ('scripted', now() + interval '20 seconds')`.execute(
    base.db,
  );
  const standing = attempt(ctx, { batchId });
  await frozen(batchId);
  stop.abort();
  await standing;
  expect(await readBatch(ctx, batchId)).toMatchObject({ uncertain_at: null, lease: null, state: 'frozen' });
});

test('a turn that is far away gives the claim back meanwhile', async () => {
  const ctx = await composed(2, []);
  const batchId = ctx.batchIds[0]!;
  await sql`insert into gates (transport, next_slot_at) values ('scripted', now() + interval '2 minutes')`.execute(
    base.db,
  );
  await attempt(ctx, { batchId });
  expect(ctx.transport.submissions).toEqual([]);
  expect(await readBatch(ctx, batchId)).toMatchObject({ uncertain_at: null, lease: null, attempts: 0 });
});

test('after the gate opens again, the workers go on at once: no job slept over it', async () => {
  const ctx = await composed(3, [parked(tomorrow)]);
  const workers = startWorkers(ctx, { ingests: false });
  try {
    await nudge(ctx);
    expect(await drained(ctx)).toMatchObject({ done: false });
    await reopenGate(ctx.db, 'scripted');
    expect(await drained(ctx)).toEqual({ done: true });
  } finally {
    await workers.close();
  }
  expect(await readLedger(base.db, edition)).toMatchObject({ accepted: 3 });
});

/** Draining, with a limit: what hangs must fail here and not in the suite's timeout. */
async function drained(ctx: TestContext) {
  const late = AbortSignal.timeout(15_000);
  return drain({ ...ctx, signal: late }, [edition]);
}

async function frozen(batchId: number): Promise<void> {
  while ((await readBatch(base, batchId)).state !== 'frozen');
}
