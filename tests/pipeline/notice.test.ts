import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reopenGate } from '../../src/db/gates.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { storeWebhookEvent } from '../../src/db/webhook-events.ts';
import { addressHash } from '../../src/domain/address.ts';
import { readToken } from '../../src/domain/tokens.ts';
import { deliver } from '../../src/pipeline/deliver.ts';
import { confirmationsPerHourMax, sendNotice } from '../../src/pipeline/notice.ts';
import { nudge, sweep } from '../../src/pipeline/sweep.ts';
import { track } from '../../src/pipeline/track.ts';
import { Permanent } from '../../src/queue/errors.ts';
import { readMail } from '../../src/render/mail.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import {
  conflict,
  halt,
  lost,
  refused,
  type Scripted,
  scriptedTransport,
  tooFast,
} from '../support/scripted-transport.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import { attempt, countMailed, hurry, killLease, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let base: TestContext;
let reader: SeededReader;
beforeAll(async () => void (base = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => base.close());
beforeEach(async () => {
  await wipe(base);
  base.setNow('2026-03-20T06:00:00Z');
  [reader] = (await seedReaders(base, 1)) as [SeededReader];
});

async function scene(script: Scripted[] = [], kind: 'confirm' | 'welcome' | 'link' = 'link') {
  const ctx = { ...base, transport: scriptedTransport(script) };
  expect(
    await sendNotice(ctx, { subscriberId: reader.id, kind, cause: 'test', address: reader.address }),
  ).toBe(true);
  return { ...ctx, noticeId: (await readNotice()).id };
}

async function readNotice() {
  return base.db.selectFrom('notices').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow();
}

async function again(ctx: TestContext & { noticeId: number }): Promise<Error | undefined> {
  await hurry(ctx);
  return attempt(ctx, { noticeId: ctx.noticeId });
}

async function suppressReader(): Promise<void> {
  await suppress(base.db, {
    addressHash: addressHash(base.config.suppressionKey, reader.address),
    reason: 'hard_bounce',
    origin: 'webhook',
  });
}

async function age(interval: string): Promise<void> {
  await sql`update notices set first_attempt_at = first_attempt_at - ${interval}::interval`.execute(base.db);
}

const same = (values: string[]) => new Set(values).size === 1;

describe('a cause', () => {
  test('mails once, whoever asks again, at once or later', async () => {
    const notice = {
      subscriberId: reader.id,
      kind: 'link' as const,
      cause: 'asked today',
      address: reader.address,
    };
    const sent = await Promise.all([1, 2, 3, 4].map(() => sendNotice(base, notice)));
    expect(sent.filter(Boolean)).toHaveLength(1);
    expect(await sendNotice(base, notice)).toBe(false);
    expect(await sendNotice(base, { ...notice, cause: 'asked tomorrow' })).toBe(true);
    expect(await sendNotice(base, { ...notice, kind: 'confirm' })).toBe(true);
  });

  test('beyond the hourly cap mails nothing, and welcomes are not counted', async () => {
    await sql`insert into notices (subscriber_id, kind, cause, address)
      select ${reader.id}, 'confirm', 'flood ' || n, 'x@uni.test' from generate_series(1, ${confirmationsPerHourMax - 1}) n`.execute(
      base.db,
    );
    const notice = { subscriberId: reader.id, address: reader.address };
    expect(await sendNotice(base, { ...notice, kind: 'confirm', cause: 'the last one' })).toBe(true);
    expect(await sendNotice(base, { ...notice, kind: 'confirm', cause: 'one too many' })).toBe(false);
    expect(await sendNotice(base, { ...notice, kind: 'welcome', cause: 'confirmed' })).toBe(true);
    await sql`update notices set created_at = created_at - interval '61 minutes'`.execute(base.db);
    expect(await sendNotice(base, { ...notice, kind: 'confirm', cause: 'an hour later' })).toBe(true);
  });
});

describe('a notice', () => {
  test.each(['confirm', 'welcome', 'link'] as const)(
    'of kind %s carries links that its reader can use',
    async (kind) => {
      const ctx = await scene([], kind);
      await deliver(ctx, ctx);
      const { body, kind: single, members } = ctx.transport.submissions[0]!;
      const mail = readMail(body);
      expect({ single, members, to: mail.to }).toEqual({ single: 'single', members: 1, to: reader.address });
      expect(mail.tags).toEqual([{ name: 'notice', value: `n-${ctx.noticeId}` }]);
      const path = kind === 'confirm' ? 'confirm' : 'preferences';
      const token = new RegExp(`/${path}/([^"\\s]+)`).exec(mail.text)![1]!;
      expect(readToken(ctx.config.keys, path, token)).toMatchObject({ subscriberId: reader.id });
      expect(await readNotice()).toMatchObject({ state: 'accepted', lease: null, body: null });
    },
  );

  test('delivered twice changes nothing', async () => {
    const ctx = await scene();
    await deliver(ctx, ctx);
    const before = await readNotice();
    await Promise.all([deliver(ctx, ctx), deliver(ctx, ctx)]);
    expect(ctx.transport.submissions).toHaveLength(1);
    expect(await readNotice()).toEqual(before);
  });

  test('reaches the mailbox exactly once, though its process dies after the request', async () => {
    expect(
      await sendNotice(base, { subscriberId: reader.id, kind: 'link', cause: 'x', address: reader.address }),
    ).toBe(true);
    const { id: noticeId } = await readNotice();
    const doomed = await openTestContext({ beside: base });
    let died: (() => void) | undefined;
    const death = new Promise<void>((resolve) => (died = resolve));
    const transport = {
      ...doomed.transport,
      async submit(request: Parameters<typeof doomed.transport.submit>[0]) {
        await doomed.transport.submit(request);
        await killLease(doomed);
        died!();
        return new Promise<never>(() => {});
      },
    };
    void attempt({ ...doomed, transport }, { noticeId });
    await death;
    await base.queues.queue('deliver').obliterate({ force: true });
    await sweep(base);
    const nudged = await base.queues.queue('deliver').getJobs(['waiting', 'prioritized']);
    expect(nudged.map((job) => job.data)).toEqual([{ noticeId }]);
    await deliver(base, { noticeId });
    expect(await readNotice()).toMatchObject({ state: 'accepted' });
    expect(await countMailed(base)).toEqual(new Map([[reader.address, 1]]));
    await doomed.close();
  });

  test('to a suppressed address is dropped', async () => {
    const ctx = await scene();
    await suppressReader();
    await deliver(ctx, ctx);
    expect(ctx.transport.submissions).toEqual([]);
    expect(await readNotice()).toMatchObject({ state: 'dropped', reason: 'suppressed' });
  });

  test('to a reader who was erased is dropped', async () => {
    const ctx = await scene();
    await sql`update subscribers set status = 'erased', address = null`.execute(base.db);
    await deliver(ctx, ctx);
    expect(await readNotice()).toMatchObject({ state: 'dropped', reason: 'gone' });
  });

  test('is dropped when its address is suppressed while it waits, and nothing had been taken', async () => {
    const ctx = await scene([tooFast]);
    await again(ctx);
    await suppressReader();
    await again(ctx);
    expect(ctx.transport.submissions).toHaveLength(1);
    expect(await readNotice()).toMatchObject({ state: 'dropped', reason: 'suppressed' });
  });

  test('whose answer was lost is replayed, the same bytes under the same key', async () => {
    const ctx = await scene([lost, lost, tooFast]);
    for (let turn = 0; turn < 4; turn++) await again(ctx);
    const { submissions } = ctx.transport;
    expect(submissions).toHaveLength(4);
    expect(same(submissions.map(({ key }) => key))).toBe(true);
    expect(same(submissions.map(({ body }) => body.toString('latin1')))).toBe(true);
    expect(await readNotice()).toMatchObject({ state: 'accepted', attempts: 2 });
  });

  test('whose reader is suppressed after a lost answer is replayed for a quarter of an hour only', async () => {
    const ctx = await scene([lost, lost]);
    await again(ctx);
    await suppressReader();
    await age('14 minutes');
    await again(ctx);
    expect(ctx.transport.submissions).toHaveLength(2);
    await age('2 minutes');
    await again(ctx);
    expect(ctx.transport.submissions).toHaveLength(2);
    expect(await readNotice()).toMatchObject({ state: 'unknown' });
  });

  test('is unknown twenty hours after a lost answer, by the sweep or at its next turn', async () => {
    const ctx = await scene([lost]);
    await again(ctx);
    await age('20 hours');
    await sweep(ctx);
    expect(await readNotice()).toMatchObject({ state: 'unknown' });
    await again(ctx);
    expect(ctx.transport.submissions).toHaveLength(1);
  });

  test.each([
    ['refused', refused, 'failed'],
    ['in conflict', conflict, 'unknown'],
  ])('that is %s is over', async (_, answer, state) => {
    const ctx = await scene([answer]);
    await again(ctx);
    await again(ctx);
    expect(await readNotice()).toMatchObject({ state, lease: null });
    expect(ctx.transport.submissions).toHaveLength(1);
  });

  test('whose stored bytes changed is never sent', async () => {
    const ctx = await scene([lost]);
    await again(ctx);
    await sql`update notices set body = body || ' '::bytea`.execute(base.db);
    expect(await again(ctx)).toBeInstanceOf(Permanent);
    expect(ctx.transport.submissions).toHaveLength(1);
    expect(await readNotice()).toMatchObject({ state: 'unknown', reason: 'body_changed' });
  });

  test('waits while mail is halted, and goes out under a new key', async () => {
    const ctx = await scene([halt]);
    await again(ctx);
    await again(ctx);
    expect(ctx.transport.submissions).toHaveLength(1);
    expect(await readNotice()).toMatchObject({ state: 'composed', lease: null });
    await reopenGate(ctx.db, 'scripted');
    await again(ctx);
    expect(new Set(ctx.transport.submissions.map(({ key }) => key)).size).toBe(2);
    expect(await readNotice()).toMatchObject({ state: 'accepted' });
  });

  test('that another transport may have taken is not replayed through this one', async () => {
    const ctx = await scene([lost]);
    await again(ctx);
    const elsewhere = scriptedTransport([], 'another account');
    await again({ ...ctx, transport: elsewhere });
    expect(elsewhere.submissions).toEqual([]);
    await again(ctx);
    expect(await readNotice()).toMatchObject({ state: 'accepted', transport: 'scripted' });
  });

  test('that another transport certainly did not take goes out through this one, at once', async () => {
    const ctx = await scene([tooFast]);
    await again(ctx);
    const elsewhere = { ...ctx, transport: scriptedTransport([], 'another account') };
    await again(elsewhere);
    await attempt(elsewhere, ctx);
    expect(elsewhere.transport.submissions).toHaveLength(1);
    expect(await readNotice()).toMatchObject({ state: 'accepted', transport: 'another account' });
  });
});

test('notices overtake digests in the queue', async () => {
  await seedDay(base, '2026-03-19', 3);
  await seedReaders(base, 150, { name: 'more' });
  await planAndCompose(base, '2026-03-20T07:00:00Z');
  const ctx = await scene();
  await nudge(ctx);
  const order: unknown[] = [];
  const worker = base.backend.openWorker('deliver', async (job) => void order.push(job.data), {
    concurrency: 1,
  });
  while (order.length < 3) await readNotice();
  await worker.close();
  expect(order[0]).toEqual({ noticeId: ctx.noticeId });
});

test('what becomes of a notice is tracked by its own tag, in any order', async () => {
  const ctx = await scene();
  await deliver(ctx, ctx);
  const tags = { notice: `n-${ctx.noticeId}` };
  const soft = { type: 'Transient', subType: 'MailboxFull' };
  const hard = { type: 'Permanent', subType: 'NoEmail' };
  const told = [
    ['email.bounced', '2026-03-20T07:10:00Z', { tags, bounce: hard }],
    ['email.bounced', '2026-03-20T07:20:00Z', { tags, bounce: soft }],
    ['email.delivered', '2026-03-20T07:02:00Z', { tags }],
    ['email.delivered', '2026-03-20T07:01:00Z', { tags }],
    ['email.complained', '2026-03-20T08:00:00Z', { tags }],
  ] as const;
  for (const order of [told, told.toReversed()]) {
    await sql`truncate webhook_events, suppressions`.execute(base.db);
    await sql`update notices set delivered_at = null, bounced_at = null, bounce_class = null, complained_at = null`.execute(
      base.db,
    );
    for (const [n, [type, at, data]] of order.entries()) {
      await storeWebhookEvent(base.db, {
        svixId: `msg_${n}`,
        type,
        body: JSON.stringify({ type, created_at: at, data }),
      });
      await track(base);
    }
    expect(await readNotice()).toMatchObject({
      delivered_at: new Date('2026-03-20T07:01:00Z'),
      bounced_at: new Date('2026-03-20T07:10:00Z'),
      bounce_class: 'hard',
      complained_at: new Date('2026-03-20T08:00:00Z'),
    });
    const { reason } = await base.db.selectFrom('suppressions').selectAll().executeTakeFirstOrThrow();
    expect(reason).toBe('complaint');
  }
});
