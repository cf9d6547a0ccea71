import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { insertDraft } from '../../src/db/announcements.ts';
import { claimBatch } from '../../src/db/batches.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { startAnnouncement } from '../../src/pipeline/announce.ts';
import { deliver } from '../../src/pipeline/deliver.ts';
import { unsubscribe } from '../../src/pipeline/subscription.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import { readTemplate } from '../../src/render/mjml-template.ts';
import type { Receipt, Submission } from '../../src/transport/transport.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { attempt, countMailed, deliverAll, killLease, planAndCompose, readBatch } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

/**
 * A process that dies is one whose lease Postgres has freed and that is never heard of again: its transport hangs.
 * The survivor is another process on the same database, with the mailbox over HTTP.
 */
const edition = '2026-03-20';
const readersCount = 12;
const env = { MAIL_RATE_PER_SECOND: '1000' };

let survivor: TestContext;
let doomed: TestContext;
beforeAll(async () => void (survivor = await openTestContext({ env })));
afterAll(() => survivor.close());

let batchId: number;
beforeEach(async () => {
  await wipe(survivor);
  survivor.setNow('2026-03-20T06:00:00Z');
  doomed = await openTestContext({ beside: survivor, env });
  await seedDay(survivor, '2026-03-19', 4);
  await seedReaders(survivor, readersCount);
  batchId = (await planAndCompose(survivor, '2026-03-20T07:00:00Z')).batchIds[0]!;
  return () => doomed.close();
});

/** Runs a delivery in the doomed process until `submit` reaches the point of its death. */
async function dieIn(
  submit: (request: Submission, die: () => Promise<never>) => Promise<Receipt>,
  job: Parameters<typeof attempt>[1] = { batchId },
) {
  let reached: (() => void) | undefined;
  let wake: ((receipt: Receipt) => void) | undefined;
  const point = new Promise<void>((resolve) => (reached = resolve));
  const die = async (): Promise<never> => {
    await killLease(doomed);
    reached!();
    return new Promise<Receipt>((resolve) => (wake = resolve)) as Promise<never>;
  };
  const transport = { ...doomed.transport, submit: (request: Submission) => submit(request, die) };
  const process = attempt({ ...doomed, transport }, job);
  await point;
  return { process, wake: wake! };
}

async function expectOneMailEach(): Promise<void> {
  const mailed = await countMailed(survivor);
  expect([...mailed.values()]).toEqual(Array(readersCount).fill(1));
  expect(await readLedger(survivor.db, edition)).toMatchObject({
    audience: readersCount,
    accepted: readersCount,
    pending: 0,
    unknown: 0,
    closed: true,
  });
}

/** What the others do about it. */
async function recover(): Promise<void> {
  await sweep(survivor);
  expect(await deliverAll(survivor)).toEqual([]);
  await sweep(survivor);
}

test('dies after the claim, before the freeze: frozen and mailed by the survivor', async () => {
  expect(await claimBatch(survivor.db, batchId, doomed.lease!.id())).toMatchObject({ id: batchId });
  await deliver(survivor, { batchId });
  expect(await readBatch(survivor, batchId)).toMatchObject({ state: 'composed' });
  await killLease(doomed);
  await recover();
  await expectOneMailEach();
});

test('dies after the freeze, before the request: the same bytes go out once', async () => {
  await dieIn((_, die) => die());
  const { key, body_hash } = await readBatch(survivor, batchId);
  await recover();
  expect(await readBatch(survivor, batchId)).toMatchObject({ key, body_hash });
  await expectOneMailEach();
});

test('dies after the request, before the receipt: the replay gets the first answer', async () => {
  await dieIn(async (request, die) => {
    await doomed.transport.submit(request);
    return die();
  });
  expect((await countMailed(survivor)).size).toBe(readersCount);
  await recover();
  await expectOneMailEach();
});

test.each(['before', 'after'])(
  'dies %s the request with an announcement: the same bytes go out, and everybody gets it once',
  async (when) => {
    const draft = await insertDraft(survivor.db, await readTemplate('announcement'));
    await startAnnouncement(survivor, { id: draft, topicId: null }, 'operator');
    const notices = survivor.db.selectFrom('notices').orderBy('id', 'desc');
    const last = await notices.select('id as noticeId').executeTakeFirstOrThrow();
    const first = await notices
      .clearOrderBy()
      .orderBy('id')
      .select('id as noticeId')
      .executeTakeFirstOrThrow();
    await dieIn(async (request, die) => {
      if (when === 'after') await doomed.transport.submit(request);
      return die();
    }, first);
    expect(await attempt(survivor, last)).toBeUndefined();
    const rows = await notices.select(['state', 'key']).execute();
    expect(new Set(rows.map(({ key }) => key)).size).toBe(1);
    expect(rows.every(({ state }) => state === 'accepted')).toBe(true);
    const mails = await survivor.db.selectFrom('mailbox_messages').select('to_address').execute();
    expect(new Set(mails.map((mail) => mail.to_address)).size).toBe(readersCount);
    expect(mails).toHaveLength(readersCount);
  },
);

test('dies after the request, and then a reader leaves: nothing goes out under another key', async () => {
  await dieIn(async (request, die) => {
    await doomed.transport.submit(request);
    return die();
  });
  const { key } = await readBatch(survivor, batchId);
  const { id } = await survivor.db.selectFrom('subscribers').select('id').limit(1).executeTakeFirstOrThrow();
  await unsubscribe(survivor, id);
  await recover();
  expect(await readBatch(survivor, batchId)).toMatchObject({ key, state: 'accepted' });
  await expectOneMailEach();
});

test('throws after the request: likewise, and it may itself go on', async () => {
  const transport = {
    ...doomed.transport,
    async submit(request: Submission): Promise<Receipt> {
      await doomed.transport.submit(request);
      throw new Error('the network card is on fire');
    },
  };
  expect((await attempt({ ...doomed, transport }, { batchId }))?.message).toBe('the network card is on fire');
  expect(await deliverAll(doomed)).toEqual([]);
  await sweep(survivor);
  await expectOneMailEach();
});

test('dies twice in a row at the same place: still one mail each', async () => {
  const dead = await dieIn(async (request, die) => {
    await doomed.transport.submit(request);
    return die();
  });
  const first = doomed;
  doomed = await openTestContext({ beside: survivor, env });
  await dieIn(async (request, die) => {
    await doomed.transport.submit(request);
    return die();
  });
  await recover();
  await expectOneMailEach();
  dead.wake({ outcome: 'lost', code: 'timeout', reason: 'at last', limits: {} });
  await dead.process;
  await first.close();
});

test('comes to life again after the survivor has settled: its own answer changes nothing', async () => {
  const { process, wake } = await dieIn((_, die) => die());
  await recover();
  const settled = await readBatch(survivor, batchId);
  const ids = Array.from({ length: readersCount }, (_, n) => `late-${n}`);
  wake({ outcome: 'accepted', ids, refused: [], limits: {} });
  expect(await process).toBeUndefined();
  expect(await readBatch(survivor, batchId)).toEqual(settled);
});

test.each(['refused', 'halt', 'conflict', 'lost'] as const)(
  'comes to life again with the answer "%s": it changes nothing either',
  async (outcome) => {
    const { process, wake } = await dieIn((_, die) => die());
    await recover();
    const settled = await readBatch(survivor, batchId);
    wake({ outcome, code: 'late', reason: 'late', limits: {} });
    await process;
    expect(await readBatch(survivor, batchId)).toEqual(settled);
    const { n } = await survivor.db
      .selectFrom('batches')
      .select((eb) => eb.fn.countAll<string>().as('n'))
      .executeTakeFirstOrThrow();
    expect(Number(n)).toBe(1);
  },
);

test('lives: nobody else touches what it is at', async () => {
  let answer: ((receipt: Receipt) => void) | undefined;
  const transport = {
    ...doomed.transport,
    submit: () => new Promise<Receipt>((resolve) => (answer = resolve)),
  };
  const delivering = attempt({ ...doomed, transport }, { batchId });
  while (!answer) await readBatch(survivor, batchId);
  await deliver(survivor, { batchId });
  await sweep(survivor);
  expect((await countMailed(survivor)).size).toBe(0);
  expect(await readBatch(survivor, batchId)).toMatchObject({ lease: doomed.lease!.id(), state: 'frozen' });
  answer({ outcome: 'accepted', ids: Array(readersCount).fill('x'), refused: [], limits: {} });
  await delivering;
  expect(await readBatch(survivor, batchId)).toMatchObject({ state: 'accepted', lease: null });
});
