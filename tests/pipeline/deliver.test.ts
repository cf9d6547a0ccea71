import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readDigest } from '../../src/db/digests.ts';
import { readLedger } from '../../src/db/ledger.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { openBodies, placesMax } from '../../src/pipeline/bodies.ts';
import { eraseSubscriber } from '../../src/pipeline/erase.ts';
import { openFragmentStore } from '../../src/pipeline/fragment-store.ts';
import { openPress } from '../../src/press/press.ts';
import { deliver } from '../../src/pipeline/deliver.ts';
import { unsubscribe } from '../../src/pipeline/subscription.ts';
import { Permanent, Retryable } from '../../src/queue/errors.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import {
  acceptAll,
  busy,
  conflict,
  lost,
  refuseAt,
  refused,
  refuseWith,
  type Scripted,
  scriptedTransport,
  type ScriptedTransport,
  tooFast,
} from '../support/scripted-transport.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import { ageBatch, attempt, deliverAll, hurry, planAndCompose, readBatch } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';

let base: TestContext;
beforeAll(async () => void (base = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => base.close());
beforeEach(async () => {
  await wipe(base);
  base.setNow('2026-03-20T06:00:00Z');
});

type Scene = TestContext & {
  transport: ScriptedTransport;
  readers: SeededReader[];
  batchId: number;
};

/** So many readers' digests in one batch, and a transport that answers from the script. */
async function composed(count: number, script: Scripted[] = []): Promise<Scene> {
  await seedDay(base, '2026-03-19', 4);
  const readers = await seedReaders(base, count);
  const { batchIds } = await planAndCompose(base, '2026-03-20T07:00:00Z');
  return { ...base, transport: scriptedTransport(script), readers, batchId: batchIds[0]! };
}

/** The next attempt, with every wait over. */
async function again(scene: TestContext & { batchId: number }): Promise<Error | undefined> {
  await hurry(scene);
  return attempt(scene, { batchId: scene.batchId });
}

async function suppressReader(ctx: TestContext, reader: SeededReader): Promise<void> {
  await suppress(ctx.db, {
    addressHash: addressHash(ctx.config.suppressionKey, reader.address),
    reason: 'hard_bounce',
    origin: 'webhook',
  });
}

const keysOf = ({ transport }: Scene) => transport.submissions.map(({ key }) => key);
const bodiesOf = ({ transport }: Scene) => transport.submissions.map(({ body }) => body.toString('latin1'));
const ledger = () => readLedger(base.db, edition);

describe('an accepted batch', () => {
  test('keeps an id for every reader, and its ledger closes', async () => {
    const scene = await composed(3);
    await deliver(scene, scene);
    const { key, members, to } = scene.transport.submissions[0]!;
    expect({ members, to }).toEqual({ members: 3, to: scene.readers.map(({ address }) => address) });
    expect(await readBatch(scene, scene.batchId)).toMatchObject({
      state: 'accepted',
      receipt: [`${key}#0`, `${key}#1`, `${key}#2`],
      lease: null,
      attempts: 0,
      transport: 'scripted',
    });
    expect(await ledger()).toMatchObject({ audience: 3, accepted: 3, pending: 0 });
  });

  test('delivered twice changes nothing and submits nothing', async () => {
    const scene = await composed(3);
    await deliver(scene, scene);
    const before = await readBatch(scene, scene.batchId);
    await deliver(scene, scene);
    expect(await readBatch(scene, scene.batchId)).toEqual(before);
    expect(scene.transport.submissions).toHaveLength(1);
  });

  test('nudged twice at once is submitted once', async () => {
    const scene = await composed(3);
    await Promise.all([deliver(scene, scene), deliver(scene, scene), deliver(scene, scene)]);
    expect(scene.transport.submissions).toHaveLength(1);
  });

  test('committed its key, members, hash and first attempt before the request left', async () => {
    const seen: unknown[] = [];
    const scene = await composed(2, [
      async ({ key, members }) => {
        const { state, key: kept, body_hash, first_attempt_at } = await readBatch(scene, scene.batchId);
        seen.push({ state, kept, hash: body_hash?.length, at: first_attempt_at instanceof Date });
        return { outcome: 'accepted', ids: Array(members).fill(key), refused: [], limits: {} };
      },
    ]);
    await deliver(scene, scene);
    expect(seen).toEqual([{ state: 'frozen', kept: keysOf(scene)[0], hash: 16, at: true }]);
  });
});

describe('a job of several batches', () => {
  test('hands over each of them', async () => {
    const { scene, job } = await composedInThree();
    await deliver(scene, job);
    expect(await ledger()).toMatchObject({ accepted: 250, pending: 0 });
    expect(scene.transport.submissions).toHaveLength(3);
  });

  test('leaves one that has to wait to a job of its own, which waits as long', async () => {
    const { scene, job } = await composedInThree();
    const waiting = job.others[0]!;
    scene.transport.script.push(...Array(3).fill(busyFor(waiting)));
    await deliver(scene, job);
    expect(await ledger()).toMatchObject({ accepted: 150, pending: 100 });
    const [later, ...more] = await scene.queues.queue('deliver').getDelayed();
    expect(more).toEqual([]);
    expect(later).toMatchObject({ id: `batch-${waiting}`, data: { batchId: waiting } });
    expect(later!.delay).toBeGreaterThanOrEqual(1000);
  });

  test('waits itself when the batch that it is named after has to, and no other is held up', async () => {
    const { scene, job } = await composedInThree();
    scene.transport.script.push(...Array(3).fill(busyFor(job.batchId)));
    await expect(deliver(scene, job)).rejects.toBeInstanceOf(Retryable);
    expect(await ledger()).toMatchObject({ accepted: 150, pending: 100 });
    expect(await scene.queues.queue('deliver').getDelayed()).toEqual([]);
  });

  test('says what went wrong with one of them, and has it tried again', async () => {
    const { scene, job } = await composedInThree();
    const broken = job.others[1]!;
    scene.transport.script.push(...Array(3).fill(dyingAt(broken)));
    await deliver(scene, job);
    expect(await ledger()).toMatchObject({ accepted: 200, pending: 50 });
    const again = await scene.queues.queue('deliver').getPrioritized();
    expect(again.map(({ data }) => data)).toContainEqual({ batchId: broken });
  });
});

/** 250 readers' digests, which are three batches. */
async function composedInThree() {
  const scene = await composed(250);
  await scene.queues.queue('deliver').obliterate({ force: true });
  const { rows } = await sql<{ id: number }>`select id from batches order by id`.execute(base.db);
  const [batchId, ...others] = rows.map(({ id }) => id);
  return { scene, job: { batchId: batchId!, others } };
}

function busyFor(batchId: number): Scripted {
  return (submission) => (isOf(submission, batchId) ? busy : acceptAll(submission));
}

function dyingAt(batchId: number): Scripted {
  return (submission) => {
    if (isOf(submission, batchId)) throw new Error('the transport dies here');
    return acceptAll(submission);
  };
}

/** A batch's key names it. */
function isOf({ key }: { key: string }, batchId: number): boolean {
  return key.split('/')[2] === String(batchId);
}

test('a batch that waits for a place for its body is not claimed yet', async () => {
  const scene = await composed(2);
  const bodies = openBodies();
  const [place] = await Promise.all(Array.from({ length: placesMax }, () => bodies.take()));
  const asked = new Promise<void>((resolve) => {
    scene.bodies = { ...bodies, take: () => (resolve(), bodies.take()) };
  });
  const delivering = deliver(scene, scene);
  await asked;
  expect(await readBatch(scene, scene.batchId)).toMatchObject({ state: 'composed', lease: null });
  bodies.giveBack(place!);
  await delivering;
  expect(await ledger()).toMatchObject({ accepted: 2 });
});

describe('refusals', () => {
  test('a refused member fails with its reason, by place, and the others are accepted', async () => {
    const scene = await composed(4, [refuseAt(1, 3)]);
    await deliver(scene, scene);
    const key = keysOf(scene)[0];
    expect(await readBatch(scene, scene.batchId)).toMatchObject({
      state: 'accepted',
      receipt: [`${key}#0`, null, `${key}#2`, null],
      refused: { 1: 'place 1 is no good', 3: 'place 3 is no good' },
    });
    expect(await ledger()).toMatchObject({ accepted: 2, failed: { refused: 2 }, pending: 0 });
  });

  test('a refused place means the right reader also where another was left out before', async () => {
    const scene = await composed(4, [refuseAt(1)]);
    await unsubscribe(scene, scene.readers[0]!.id);
    await deliver(scene, scene);
    expect(scene.transport.submissions[0]!.to[1]).toBe(scene.readers[2]!.address);
    const key = keysOf(scene)[0];
    expect(await readBatch(scene, scene.batchId)).toMatchObject({
      dropped: { 0: 'unsubscribed' },
      refused: { 2: 'place 1 is no good' },
      receipt: [null, `${key}#0`, null, `${key}#2`],
    });
    expect(await ledger()).toMatchObject({
      accepted: 2,
      failed: { refused: 1 },
      skipped: { unsubscribed: 1 },
      pending: 0,
    });
  });

  test('a batch refused as a whole is cut in halves down to the culprit, and all others are accepted', async () => {
    const scene = await composed(13);
    const culprit = scene.readers[6]!.address;
    scene.transport.script.push(...Array.from({ length: 40 }, () => refuseWith(culprit)));
    await deliverAll(scene);
    expect(await ledger()).toMatchObject({ audience: 13, accepted: 12, failed: { refused: 1 }, pending: 0 });
    const { rows } = await sql<{ id: number }>`
      select d.subscriber_id id from digests d join batches b on coalesce(b.origin_id, b.id) = d.batch_id
        and d.position = any(b.positions) where b.state = 'failed'`.execute(base.db);
    expect(rows).toEqual([{ id: scene.readers[6]!.id }]);
    expect(new Set(keysOf(scene)).size).toBe(keysOf(scene).length);
    // The whole, then both halves of what was refused, down to one.
    expect(scene.transport.submissions.length).toBeLessThanOrEqual(1 + 2 * 4);
  });

  test('halves leave out whom the freeze had left out', async () => {
    const scene = await composed(5);
    await unsubscribe(scene, scene.readers[4]!.id);
    scene.transport.script.push(refused);
    await deliverAll(scene);
    expect(scene.transport.submissions.map(({ members }) => members)).toEqual([4, 2, 2]);
    expect(await ledger()).toMatchObject({ accepted: 4, skipped: { unsubscribed: 1 }, pending: 0 });
  });

  test('a refusal after a lost answer proves nothing: unknown, and never split', async () => {
    const scene = await composed(4, [lost, refused]);
    await attempt(scene, scene);
    await again(scene);
    expect(await readBatch(scene, scene.batchId)).toMatchObject({ state: 'unknown' });
    expect(await ledger()).toMatchObject({ unknown: 4, pending: 0 });
    await again(scene);
    expect(scene.transport.submissions).toHaveLength(2);
  });
});

describe('answers that did not come', () => {
  test('a lost answer is asked for at once, with the same bytes under the same key', async () => {
    const scene = await composed(3, [lost]);
    await expect(deliver(scene, scene)).rejects.toBeInstanceOf(Retryable);
    const { next_attempt_at, attempts } = await readBatch(scene, scene.batchId);
    const { rows } = await sql<{ due: boolean }>`select ${next_attempt_at} <= now() due`.execute(base.db);
    expect({ attempts, due: rows[0]!.due }).toEqual({ attempts: 1, due: true });
    await deliver(scene, scene);
    expect(new Set(keysOf(scene)).size).toBe(1);
    expect(new Set(bodiesOf(scene)).size).toBe(1);
    expect(scene.transport.submissions).toHaveLength(2);
    expect(await ledger()).toMatchObject({ accepted: 3 });
  });

  test('answers lost again and again are asked for ever later, the same bytes every time', async () => {
    const scene = await composed(2, Array(6).fill(lost));
    const waits: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      await again(scene);
      const { rows } = await sql<{ waitMs: number }>`
        select round(extract(epoch from next_attempt_at - now()) * 1000)::int "waitMs" from batches`.execute(
        base.db,
      );
      waits.push(rows[0]!.waitMs);
    }
    expect(waits[0]!).toBeLessThanOrEqual(0);
    expect(waits[5]! > waits[3]! && waits[3]! > waits[1]!).toBe(true);
    await again(scene);
    expect(scene.transport.submissions).toHaveLength(7);
    expect([new Set(keysOf(scene)).size, new Set(bodiesOf(scene)).size]).toEqual([1, 1]);
    expect(await ledger()).toMatchObject({ accepted: 2 });
  });

  test('a key that is still busy is waited for, and then asked', async () => {
    const scene = await composed(2, [lost, busy, busy]);
    for (let turn = 0; turn < 4; turn++) await again(scene);
    expect([new Set(keysOf(scene)).size, new Set(bodiesOf(scene)).size]).toEqual([1, 1]);
    expect(await readBatch(scene, scene.batchId)).toMatchObject({ state: 'accepted', attempts: 1 });
  });

  test('a key that was used with other bytes is unknown, and nothing is sent again', async () => {
    const scene = await composed(2, [conflict]);
    await deliver(scene, scene);
    await again(scene);
    expect(scene.transport.submissions).toHaveLength(1);
    expect(await ledger()).toMatchObject({ unknown: 2, pending: 0 });
  });

  test('twenty hours after the first attempt it is unknown and never sent again', async () => {
    const scene = await composed(2, [lost, lost]);
    await again(scene);
    await ageBatch(scene, scene.batchId, '19 hours 59 minutes');
    await again(scene);
    expect(scene.transport.submissions).toHaveLength(2);
    await ageBatch(scene, scene.batchId, '2 minutes');
    await again(scene);
    await again(scene);
    expect(scene.transport.submissions).toHaveLength(2);
    expect(await readBatch(scene, scene.batchId)).toMatchObject({ state: 'unknown', lease: null });
    expect(await ledger()).toMatchObject({ unknown: 2, pending: 0 });
  });

  test('a replay that would start beyond the window is not waited for', async () => {
    const scene = await composed(1, Array(12).fill(lost));
    for (let turn = 0; turn < 11; turn++) await again(scene);
    await ageBatch(scene, scene.batchId, '19 hours 59 minutes');
    await again(scene);
    expect(await readBatch(scene, scene.batchId)).toMatchObject({ state: 'unknown' });
  });
});

describe('a limit of the rate', () => {
  test('burns no attempt, and the same bytes go out under the same key', async () => {
    const scene = await composed(3, [tooFast, tooFast, tooFast]);
    const before = performance.now();
    for (let turn = 0; turn < 4; turn++) await again(scene);
    expect(performance.now() - before).toBeLessThan(10_000);
    expect([new Set(keysOf(scene)).size, new Set(bodiesOf(scene)).size]).toEqual([1, 1]);
    expect(scene.transport.submissions).toHaveLength(4);
    expect(await readBatch(scene, scene.batchId)).toMatchObject({ state: 'accepted', attempts: 0 });
  });

  test('holds everybody, until the time that the answer named', async () => {
    const scene = await composed(1, [tooFast]);
    await expect(deliver(scene, scene)).rejects.toMatchObject({ afterMs: 1050 });
    const { rows } = await sql<{ heldMs: number }>`
      select extract(epoch from next_slot_at - now())::float8 * 1000 "heldMs" from gates`.execute(base.db);
    expect(rows[0]!.heldMs).toBeGreaterThan(500);
  });

  test('whoever left meanwhile is left out, under a new key: nothing had been taken', async () => {
    const scene = await composed(3, [tooFast]);
    await again(scene);
    await unsubscribe(scene, scene.readers[1]!.id);
    await again(scene);
    expect(scene.transport.submissions.map(({ members }) => members)).toEqual([3, 2]);
    expect(new Set(keysOf(scene)).size).toBe(2);
    expect(await ledger()).toMatchObject({ accepted: 2, skipped: { unsubscribed: 1 }, pending: 0 });
  });
});

describe('who leaves between compose and freeze', () => {
  test('suppressed and unsubscribed readers are left out, and the ledger says so', async () => {
    const scene = await composed(4);
    await suppressReader(scene, scene.readers[0]!);
    await unsubscribe(scene, scene.readers[2]!.id);
    await deliver(scene, scene);
    expect(scene.transport.submissions[0]!.to).toEqual([
      scene.readers[1]!.address,
      scene.readers[3]!.address,
    ]);
    expect(await ledger()).toMatchObject({
      audience: 4,
      accepted: 2,
      skipped: { suppressed: 1, unsubscribed: 1 },
      pending: 0,
    });
  });

  test('so are those who were erased', async () => {
    const scene = await composed(3);
    expect(await eraseSubscriber(scene, scene.readers[1]!.address)).toBe(true);
    await deliver(scene, scene);
    expect(scene.transport.submissions[0]!.to).toEqual([
      scene.readers[0]!.address,
      scene.readers[2]!.address,
    ]);
    expect(await ledger()).toMatchObject({ audience: 3, accepted: 2, pending: 0 });
  });

  test('so is who is suppressed, and so is what is withdrawn, while the body is made', async () => {
    const scene = await composed(3);
    const [leaver, , reader] = scene.readers;
    const { press } = scene;
    const before = await readDigest(scene.db, reader!.id, edition);
    scene.press = {
      ...press,
      async print(...order) {
        scene.press = press;
        await suppressReader(scene, leaver!);
        await sql`update papers set withdrawn_at = now() where id = ${before!.paperIds[0]!}`.execute(base.db);
        return press.print(...order);
      },
    };
    await deliver(scene, scene);
    expect(scene.transport.submissions[0]!.to).not.toContain(leaver!.address);
    const after = await readDigest(scene.db, reader!.id, edition);
    expect(after?.paperIds).toEqual(before!.paperIds.slice(1));
    expect(await ledger()).toMatchObject({ accepted: 2, skipped: { suppressed: 1 }, pending: 0 });
  });

  test('a batch that everybody left is over without a request', async () => {
    const scene = await composed(2);
    for (const reader of scene.readers) await unsubscribe(scene, reader.id);
    await deliver(scene, scene);
    expect(scene.transport.submissions).toEqual([]);
    expect(await readBatch(scene, scene.batchId)).toMatchObject({ state: 'empty', lease: null });
    expect(await ledger()).toMatchObject({ audience: 2, skipped: { unsubscribed: 2 }, pending: 0 });
  });

  test('when suppressions cannot be read, nothing is sent', async () => {
    const scene = await composed(2);
    await sql`alter table suppressions rename to suppressions_away`.execute(base.db);
    try {
      expect(await attempt(scene, scene)).toBeInstanceOf(Error);
      expect(scene.transport.submissions).toEqual([]);
    } finally {
      await sql`alter table suppressions_away rename to suppressions`.execute(base.db);
    }
    await again(scene);
    expect(await ledger()).toMatchObject({ accepted: 2 });
  });
});

describe('who leaves after an answer was lost', () => {
  test('is in the replay still, within a quarter of an hour', async () => {
    const scene = await composed(3, [lost]);
    await again(scene);
    await suppressReader(scene, scene.readers[1]!);
    await ageBatch(scene, scene.batchId, '14 minutes');
    await again(scene);
    expect([new Set(keysOf(scene)).size, new Set(bodiesOf(scene)).size]).toEqual([1, 1]);
    expect(await ledger()).toMatchObject({ accepted: 3, pending: 0 });
  });

  test('makes the batch unknown after that: it is not sent again', async () => {
    const scene = await composed(3, [lost]);
    await again(scene);
    await unsubscribe(scene, scene.readers[1]!.id);
    await ageBatch(scene, scene.batchId, '16 minutes');
    await again(scene);
    expect(scene.transport.submissions).toHaveLength(1);
    expect(await ledger()).toMatchObject({ unknown: 3, pending: 0 });
  });
});

test('a batch that was frozen with the SHA-256 of its body is replayed all the same', async () => {
  const scene = await composed(2, [lost]);
  await again(scene);
  const sha256 = createHash('sha256').update(scene.transport.submissions[0]!.body).digest();
  await base.db
    .updateTable('batches')
    .set({ body_sha256: sha256, body_hash: null })
    .where('id', '=', scene.batchId)
    .execute();
  await again(scene);
  expect(new Set(keysOf(scene)).size).toBe(1);
  expect(await ledger()).toMatchObject({ accepted: 2, unknown: 0 });
});

describe('bytes that changed', () => {
  const damages = {
    'a fragment': sql`update fragments set html = html || ' '::bytea`,
    // The last card once more, at no distance from itself, with the last why.
    'a composition': sql`update digests set packed = packed || '\\x00'::bytea || substr(packed, length(packed))`,
    'an address': sql`update digests set address = 'someone@else.test' where position = 0`,
    'a shell': sql`update shells set bytes = bytes || ' '::bytea`,
  };

  test.each(Object.keys(damages) as (keyof typeof damages)[])('%s: never sent, and unknown', async (what) => {
    const scene = await composed(2, [lost]);
    await again(scene);
    await damages[what].execute(base.db);
    // Another process, which has none of it in memory.
    const fresh = { ...scene, fragments: openFragmentStore(base.db), press: openPress() };
    try {
      expect(await again(fresh)).toBeInstanceOf(Permanent);
      await again(fresh);
      expect(scene.transport.submissions).toHaveLength(1);
      expect(await readBatch(scene, scene.batchId)).toMatchObject({
        state: 'unknown',
        reason: 'body_changed',
      });
    } finally {
      await fresh.press.close();
      if (what === 'a fragment') await sql`delete from fragments`.execute(base.db);
      if (what === 'a shell') await sql`update batches set shell_id = null`.execute(base.db);
      if (what === 'a shell') await sql`delete from shells`.execute(base.db);
      await base.press.close();
      base.fragments = openFragmentStore(base.db);
    }
  });

  test('new settings and a new signing key change nothing about a replay', async () => {
    const scene = await composed(2, [lost]);
    await again(scene);
    const { mail, keys } = scene.config;
    const config = {
      ...scene.config,
      publicUrl: 'https://elsewhere.example',
      mail: { ...mail, from: 'New <new@broadsheet.example>' },
      keys: [{ id: 'b2', secret: Buffer.alloc(32, 9) }, ...keys] as const,
    };
    await again({ ...scene, config, fragments: openFragmentStore(base.db) });
    expect([new Set(keysOf(scene)).size, new Set(bodiesOf(scene)).size]).toEqual([1, 1]);
    expect(await ledger()).toMatchObject({ accepted: 2 });
  });

  test('a signing key that is gone from the ring sends nothing, and sends once it is back', async () => {
    const scene = await composed(1);
    const other = {
      ...scene,
      config: { ...scene.config, keys: [{ id: 'zz', secret: Buffer.alloc(32) }] as const },
    };
    expect((await again(other))?.message).toContain('"a1" is gone from SECRET_KEYS');
    expect(scene.transport.submissions).toEqual([]);
    await again(scene);
    expect(await ledger()).toMatchObject({ accepted: 1 });
  });
});

describe('another transport or account', () => {
  test('never replays what was attempted through the first', async () => {
    const scene = await composed(2, [lost]);
    await again(scene);
    const elsewhere = scriptedTransport([], 'another account');
    await again({ ...scene, transport: elsewhere });
    await again({ ...scene, transport: elsewhere });
    expect(elsewhere.submissions).toEqual([]);
    expect(await readBatch(scene, scene.batchId)).toMatchObject({ state: 'frozen', transport: 'scripted' });
    await again(scene);
    expect(await ledger()).toMatchObject({ accepted: 2 });
    expect(new Set(keysOf(scene)).size).toBe(1);
  });

  test('takes over what the first had definitely not taken, under a new key', async () => {
    const scene = await composed(2, [tooFast]);
    await again(scene);
    const elsewhere = scriptedTransport([], 'another account');
    await again({ ...scene, transport: elsewhere });
    expect(elsewhere.submissions[0]!.key).not.toBe(keysOf(scene)[0]);
    expect(await readBatch(scene, scene.batchId)).toMatchObject({
      state: 'accepted',
      transport: 'another account',
    });
  });
});
