import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readLedger } from '../../src/db/ledger.ts';
import { readSuppression } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { deliver } from '../../src/pipeline/deliver.ts';
import { sendNotice } from '../../src/pipeline/notice.ts';
import { unsubscribe } from '../../src/pipeline/subscription.ts';
import { smtpTransport } from '../../src/transport/smtp.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { type Behaviour, type MailServer, openMailServer } from '../support/mail-server.ts';
import { scriptedTransport, tooFast } from '../support/scripted-transport.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import {
  ageBatch,
  attempt,
  deliverAll,
  hurry,
  killLease,
  planAndCompose,
  readBatch,
} from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

/** Whole editions over SMTP (RULES 13): one mail a batch, and what was lost after DATA is never sent again. */
const edition = '2026-03-20';
const env = { MAIL_RATE_PER_SECOND: '1000' };

let base: TestContext;
let server: MailServer;
let transport: Transport;
let ctx: TestContext;
let readers: SeededReader[];
beforeAll(async () => void (base = await openTestContext({ env })));
afterAll(() => base.close());
beforeEach(async () => {
  await wipe(base);
  base.setNow('2026-03-20T06:00:00Z');
  server = await openMailServer();
  transport = smtpTransport({
    host: '127.0.0.1',
    port: server.port,
    secure: false,
    auth: undefined,
    tlsOptional: true,
    name: undefined,
  });
  ctx = { ...base, transport };
  await seedDay(ctx, '2026-03-19', 4);
  return async () => {
    await transport.close();
    await server.close();
  };
});

async function composed(count: number): Promise<number> {
  readers = await seedReaders(ctx, count);
  return (await planAndCompose(ctx, '2026-03-20T07:00:00Z')).batchIds[0]!;
}

const ledger = () => readLedger(ctx.db, edition);
const mailed = () => server.received.map(({ to }) => to[0]!).toSorted();
const addresses = () => readers.map(({ address }) => address).toSorted();

async function singles(): Promise<number[]> {
  const rows = await ctx.db
    .selectFrom('batches')
    .select('id')
    .where('origin_id', 'is not', null)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

test('every reader gets one mail, each a batch of its own with its Message-ID', async () => {
  const batchId = await composed(7);
  await deliverAll(ctx);
  expect(mailed()).toEqual(addresses());
  expect(await readBatch(ctx, batchId)).toMatchObject({ state: 'split', reason: 'one mail a request' });
  const ids = await singles();
  expect(ids).toHaveLength(7);
  for (const [place, id] of ids.entries()) {
    const single = await readBatch(ctx, id);
    expect(single).toMatchObject({ state: 'accepted', positions: [place], from_id: readers[place]!.id });
    expect(server.received[place]!.raw.toString('latin1')).toContain(`Message-ID: ${single.receipt![0]}`);
  }
  expect(await ledger()).toMatchObject({ audience: 7, accepted: 7, pending: 0, failed: {}, unknown: 0 });
});

test('each member’s fate is its own, and the ledger tells refusals, policy and content apart', async () => {
  await composed(6);
  const [a, b, c, d, e] = readers.map(({ address }) => address) as [string, string, string, string, string];
  server.behaviours.set(a, { at: 'rcpt', code: 550, words: '5.1.1 no such user' });
  server.behaviours.set(b, { at: 'data', code: 550, words: '5.7.1 policy' });
  server.behaviours.set(c, { at: 'data', code: 554, words: '5.6.0 content' });
  server.behaviours.set(d, 'takes and breaks');
  server.behaviours.set(e, { at: 'rcpt', code: 550, words: 'no' });
  await deliverAll(ctx);
  expect(await ledger()).toMatchObject({
    audience: 6,
    accepted: 1,
    failed: { refused: 2, policy: 1, content: 1 },
    unknown: 1,
    pending: 0,
  });
  expect(mailed()).toEqual([d, readers[5]!.address].toSorted());
});

test('only an address that the server says is no more is suppressed', async () => {
  await composed(3);
  const [gone, policy] = readers as [SeededReader, SeededReader];
  server.behaviours.set(gone.address, { at: 'rcpt', code: 550, words: '5.1.1 no such user' });
  server.behaviours.set(policy.address, { at: 'rcpt', code: 554, words: '5.7.1 policy' });
  await deliverAll(ctx);
  const of = (address: string) => readSuppression(ctx.db, addressHash(ctx.config.suppressionKey, address));
  expect(await of(gone.address)).toMatchObject({ reason: 'hard_bounce', origin: 'transport' });
  expect(await of(policy.address)).toBeUndefined();
});

describe('an answer lost after DATA', () => {
  test('leaves the mail unknown for ever: no sweep, no nudge sends it again', async () => {
    await composed(2);
    const { address } = readers[0]!;
    server.behaviours.set(address, 'takes and breaks');
    await deliverAll(ctx);
    server.behaviours.clear();
    for (const id of await singles()) await attempt(ctx, { batchId: id });
    await deliverAll(ctx);
    expect(server.asked.filter((asked) => asked === address)).toHaveLength(1);
    expect(await ledger()).toMatchObject({ accepted: 1, unknown: 1, pending: 0 });
  });

  test('and lost before it: tried again until it is taken', async () => {
    await composed(2);
    const { address } = readers[0]!;
    server.behaviours.set(address, 'breaks at rcpt');
    await handedOut();
    await attempt(ctx, { batchId: (await singles())[0]! });
    server.behaviours.clear();
    await deliverAll(ctx);
    expect(mailed()).toEqual(addresses());
    expect(await ledger()).toMatchObject({ accepted: 2, unknown: 0 });
  });
});

test('a mail put off waits for its own time, and the others go on', async () => {
  await composed(3);
  const { address } = readers[0]!;
  server.behaviours.set(address, { at: 'rcpt', code: 451, words: '4.7.1 greylisted' });
  await handedOut();
  const [first, ...others] = await singles();
  await expect(deliver(ctx, { batchId: first! })).rejects.toMatchObject({ name: 'Retryable' });
  expect(await readBatch(ctx, first!)).toMatchObject({ state: 'frozen', uncertain_at: null });
  for (const id of others) await deliver(ctx, { batchId: id });
  expect(mailed()).toHaveLength(2);
  server.behaviours.clear();
  await deliverAll(ctx);
  expect(await ledger()).toMatchObject({ accepted: 3, pending: 0 });
});

test('a mail put off for a day has failed, and nobody is called unknown', async () => {
  await composed(1);
  server.behaviours.set(readers[0]!.address, { at: 'rcpt', code: 450, words: '4.2.0 later' });
  const batchId = (await planAndCompose(ctx)).batchIds[0]!;
  await attempt(ctx, { batchId });
  await ageBatch(ctx, batchId, '21 hours');
  await hurry(ctx);
  await attempt(ctx, { batchId });
  expect(await ledger()).toMatchObject({ failed: { refused: 1 }, unknown: 0, pending: 0 });
});

test('whatever the server does to whom, nobody gets two mails and the ledger adds up', async () => {
  const moods: readonly Behaviour[] = [
    'takes',
    'takes and breaks',
    'breaks at rcpt',
    { at: 'rcpt', code: 550, words: '5.1.1 no such user' },
    { at: 'rcpt', code: 451, words: '4.7.1 later' },
    { at: 'data', code: 550, words: '5.7.1 policy' },
    { at: 'data', code: 421, words: '4.3.2 going away' },
  ];
  const count = 6;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...moods), { minLength: count, maxLength: count }),
      async (given) => {
        await wipe(base);
        server.behaviours.clear();
        server.received.length = 0;
        await seedDay(ctx, '2026-03-19', 4);
        await composed(count);
        for (const [place, mood] of given.entries()) server.behaviours.set(readers[place]!.address, mood);
        await handedOut();
        for (let round = 0; round < 2; round += 1) {
          for (const batchId of await singles()) {
            await hurry(ctx);
            await attempt(ctx, { batchId });
          }
        }
        // What was put off, or broke before its mail had left, is taken in the end.
        server.behaviours.clear();
        await deliverAll(ctx);
        const got = mailed();
        expect(new Set(got).size).toBe(got.length);
        const { accepted, unknown, failed, pending } = await ledger();
        const failures = Object.values(failed).reduce((sum, n) => sum + n, 0);
        expect({ pending, all: accepted + unknown + failures }).toEqual({ pending: 0, all: count });
        expect(unknown).toBe(given.filter((mood) => mood === moods[1] || mood === moods[6]).length);
        expect(accepted + given.filter((mood) => mood === moods[1]).length).toBe(got.length);
      },
    ),
    { numRuns: 8 },
  );
});

test('a server that is not there holds everybody up, and loses nobody', async () => {
  await composed(3);
  await server.close();
  await handedOut();
  for (const batchId of await singles()) {
    await attempt(ctx, { batchId });
    await hurry(ctx);
  }
  expect(await ledger()).toMatchObject({ accepted: 0, pending: 3 });
  server = await openMailServer();
});

describe('a process killed', () => {
  async function killedAt(point: 'waiting' | 'handing over') {
    await composed(1);
    const batchId = (await planAndCompose(ctx)).batchIds[0]!;
    let reached: (() => void) | undefined;
    const there = new Promise<void>((resolve) => (reached = resolve));
    const doomed = await openTestContext({ beside: base, env });
    const hung: Transport = {
      ...transport,
      submit: () => {
        reached!();
        return new Promise(() => {});
      },
    };
    if (point === 'waiting') {
      // The line is long: the process dies in it.
      await transportGate(doomed);
      void attempt({ ...doomed, transport: hung }, { batchId });
      await vi.waitUntil(async () => (await readBatch(ctx, batchId)).state === 'frozen');
    } else {
      void attempt({ ...doomed, transport: hung }, { batchId });
      await there;
    }
    await killLease(doomed);
    await deliverAll(ctx);
    return { batchId, close: () => doomed.close() };
  }

  /** The next place in the line is twenty seconds away. */
  async function transportGate(doomed: TestContext) {
    await doomed.db
      .insertInto('gates')
      .values({ transport: transport.identity, next_slot_at: new Date(Date.now() + 20_000) })
      .execute();
  }

  test('while a mail was being handed over leaves that one unknown', async () => {
    const { batchId, close } = await killedAt('handing over');
    expect(await readBatch(ctx, batchId)).toMatchObject({
      state: 'unknown',
      reason: 'the process died while the mail server had it',
    });
    expect(server.asked).toEqual([]);
    await close();
  });

  test('while it stood in line leaves nothing unknown: the next one sends it', async () => {
    const { batchId, close } = await killedAt('waiting');
    expect(await readBatch(ctx, batchId)).toMatchObject({ state: 'accepted' });
    expect(mailed()).toEqual(addresses());
    await close();
  });
});

test('a reader who leaves before their turn gets nothing, the others theirs', async () => {
  await composed(3);
  await handedOut();
  await unsubscribe(ctx, readers[1]!.id);
  await deliverAll(ctx);
  expect(mailed()).toEqual([readers[0]!.address, readers[2]!.address].toSorted());
  expect(await ledger()).toMatchObject({ accepted: 2, skipped: { unsubscribed: 1 }, pending: 0 });
});

test('a batch that Resend certainly never took is handed out after a change to SMTP', async () => {
  const batchId = await composed(3);
  await attempt({ ...ctx, transport: scriptedTransport([tooFast]) }, { batchId });
  expect(await readBatch(ctx, batchId)).toMatchObject({ state: 'frozen', uncertain_at: null });
  await deliverAll(ctx);
  expect(mailed()).toEqual(addresses());
  expect(await ledger()).toMatchObject({ accepted: 3, pending: 0 });
});

describe('a notice', () => {
  async function noticeTo(address: string, subscriberId: number): Promise<number> {
    await sendNotice(ctx, { subscriberId, kind: 'link', cause: 'test', address });
    return (await readNotice()).id;
  }
  const readNotice = () =>
    ctx.db.selectFrom('notices').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow();

  test('goes the same way', async () => {
    const [reader] = (await seedReaders(ctx, 1)) as [SeededReader];
    await deliver(ctx, { noticeId: await noticeTo(reader.address, reader.id) });
    expect(mailed()).toEqual([reader.address]);
    expect(await readNotice()).toMatchObject({ state: 'accepted', receipt: expect.stringMatching(/^<.*>$/) });
  });

  test('lost after DATA is unknown and never sent again', async () => {
    const [reader] = (await seedReaders(ctx, 1)) as [SeededReader];
    server.behaviours.set(reader.address, 'takes and breaks');
    const noticeId = await noticeTo(reader.address, reader.id);
    await attempt(ctx, { noticeId });
    await hurry(ctx);
    await attempt(ctx, { noticeId });
    expect(await readNotice()).toMatchObject({ state: 'unknown' });
    expect(server.asked).toHaveLength(1);
  });
});

/** The batch cut into singles, which are still to be delivered. */
async function handedOut(): Promise<void> {
  const { batchIds } = await planAndCompose(ctx);
  for (const batchId of batchIds) await attempt(ctx, { batchId });
}
