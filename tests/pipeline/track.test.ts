import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { storeWebhookEvent } from '../../src/db/webhook-events.ts';
import { addressHash } from '../../src/domain/address.ts';
import { digestTag } from '../../src/domain/digest.ts';
import { track } from '../../src/pipeline/track.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { refuseWith, scriptedTransport } from '../support/scripted-transport.ts';
import { type SeededReader, seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const edition = '2026-03-20';

let ctx: TestContext;
let readers: SeededReader[];
beforeAll(async () => void (ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } })));
afterAll(() => ctx.close());

interface Happening {
  type: string;
  at: string;
  reader?: SeededReader;
  emailId?: string;
  noticeId?: number;
  bounce?: { type?: string; subType?: string; message?: string; diagnosticCode?: string[] };
}

function bodyOf({ type, at, reader, emailId, noticeId, bounce }: Happening): string {
  const tags = {
    ...(reader && { digest: digestTag(reader.id, edition) }),
    ...(noticeId && { notice: `n-${noticeId}` }),
  };
  return JSON.stringify({
    type,
    created_at: at,
    data: { email_id: emailId ?? 'unheard-of', to: ['x@uni.test'], tags, ...(bounce && { bounce }) },
  });
}

let events = 0;
async function hear(happening: Happening, svixId = `msg_${++events}`): Promise<void> {
  await storeWebhookEvent(ctx.db, { svixId, type: happening.type, body: bodyOf(happening) });
}

async function results(): Promise<(string | null)[]> {
  const rows = await ctx.db.selectFrom('webhook_events').select('result').orderBy('received_at').execute();
  return rows.map(({ result }) => result);
}

/** The events as if they had come so much earlier, and their next look were now. */
async function ageEvents(interval: string): Promise<void> {
  await sql`update webhook_events set received_at = received_at - ${interval}::interval, next_look_at = now()
    where processed_at is null`.execute(ctx.db);
}

async function readOutcome(reader: SeededReader) {
  return ctx.db
    .selectFrom('digests')
    .select(['delivered_at', 'bounced_at', 'bounce_class', 'complained_at', 'failed_at'])
    .where('subscriber_id', '=', reader.id)
    .where('local_date', '=', edition)
    .executeTakeFirstOrThrow();
}

async function readSuppressions() {
  const rows = await ctx.db.selectFrom('suppressions').select(['address_hash', 'reason', 'origin']).execute();
  return new Map(rows.map((row) => [row.address_hash.toString('hex'), row.reason]));
}

function hashOf(reader: SeededReader): string {
  return addressHash(ctx.config.suppressionKey, reader.address).toString('hex');
}

async function mailedEdition(count: number): Promise<void> {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedDay(ctx, '2026-03-19', 3);
  readers = await seedReaders(ctx, count);
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
}

const hard = { type: 'Permanent', subType: 'General', diagnosticCode: ['smtp; 550 5.1.1 user unknown'] };
const soft = { type: 'Transient', subType: 'MailboxFull', diagnosticCode: ['smtp; 452 4.2.2 full'] };
const policy = { type: 'Permanent', subType: 'General', diagnosticCode: ['smtp; 550 5.7.1 blocked'] };
const content = { type: 'Permanent', subType: 'ContentRejected', diagnosticCode: [] };

describe('an event about a digest', () => {
  beforeEach(async () => {
    await mailedEdition(4);
    await deliverAll({ ...ctx, transport: scriptedTransport() });
  });

  test('leaves its moment, and a word on what came of it', async () => {
    await hear({ type: 'email.delivered', at: '2026-03-20T07:00:05.250Z', reader: readers[0]! });
    await hear({ type: 'email.bounced', at: '2026-03-20T07:00:06Z', reader: readers[1]!, bounce: hard });
    await hear({ type: 'email.complained', at: '2026-03-20T09:00:00Z', reader: readers[2]! });
    await hear({ type: 'email.failed', at: '2026-03-20T07:00:09Z', reader: readers[3]! });
    expect(await track(ctx)).toBe(4);
    expect(await results()).toEqual(['delivered', 'hard', 'complained', 'failed']);
    expect(await readOutcome(readers[0]!)).toMatchObject({
      delivered_at: new Date('2026-03-20T07:00:05.250Z'),
    });
    expect(await readOutcome(readers[1]!)).toMatchObject({ bounce_class: 'hard', delivered_at: null });
    expect(await readOutcome(readers[2]!)).toMatchObject({ complained_at: new Date('2026-03-20T09:00:00Z') });
    expect(await readOutcome(readers[3]!)).toMatchObject({ failed_at: new Date('2026-03-20T07:00:09Z') });
  });

  test('tracked twice changes nothing', async () => {
    await hear({ type: 'email.bounced', at: '2026-03-20T07:00:06Z', reader: readers[1]!, bounce: hard });
    await track(ctx);
    const before = [await readOutcome(readers[1]!), await readSuppressions(), await results()];
    expect(await track(ctx)).toBe(0);
    expect([await readOutcome(readers[1]!), await readSuppressions(), await results()]).toEqual(before);
  });

  test('is heard once by its id, however often it is told', async () => {
    const told = { svixId: 'msg_same', type: 'email.delivered', body: '{"type":"email.delivered"}' };
    const stored = await Promise.all(Array.from({ length: 6 }, () => storeWebhookEvent(ctx.db, told)));
    expect(stored.filter(Boolean)).toHaveLength(1);
    expect(await storeWebhookEvent(ctx.db, told)).toBe(false);
  });

  test('a crash half-way leaves the events unprocessed, and they are taken again', async () => {
    await hear({ type: 'email.complained', at: '2026-03-20T09:00:00Z', reader: readers[2]! });
    await sql`alter table suppressions rename to suppressions_away`.execute(ctx.db);
    try {
      await expect(track(ctx)).rejects.toThrow('suppressions');
    } finally {
      await sql`alter table suppressions_away rename to suppressions`.execute(ctx.db);
    }
    expect(await results()).toEqual([null]);
    expect(await readOutcome(readers[2]!)).toMatchObject({ complained_at: null });
    await track(ctx);
    expect(await results()).toEqual(['complained']);
    expect((await readSuppressions()).get(hashOf(readers[2]!))).toBe('complaint');
  });

  test('two trackers at once share the events', async () => {
    for (const reader of readers) await hear({ type: 'email.delivered', at: '2026-03-20T07:00:05Z', reader });
    const tracked = await Promise.all([track(ctx), track(ctx), track(ctx)]);
    expect(tracked.reduce((sum, count) => sum + count, 0)).toBe(4);
  });

  test('a hard bounce and a complaint suppress the address at once, nothing else does', async () => {
    const more = [soft, policy, content].entries();
    await hear({ type: 'email.bounced', at: '2026-03-20T07:00:06Z', reader: readers[0]!, bounce: hard });
    await hear({ type: 'email.complained', at: '2026-03-20T07:00:06Z', reader: readers[1]! });
    for (const [n, bounce] of more) {
      await hear({ type: 'email.bounced', at: `2026-03-20T07:0${n}:06Z`, reader: readers[2]!, bounce });
    }
    await hear({ type: 'email.failed', at: '2026-03-20T07:00:06Z', reader: readers[3]! });
    await hear({ type: 'email.delivery_delayed', at: '2026-03-20T07:00:06Z', reader: readers[3]! });
    await track(ctx);
    expect(await readSuppressions()).toEqual(
      new Map([
        [hashOf(readers[0]!), 'hard_bounce'],
        [hashOf(readers[1]!), 'complaint'],
      ]),
    );
    expect(await results()).toEqual(['hard', 'complained', 'soft', 'policy', 'content', 'failed', 'noted']);
  });

  test('that bounced twice has the class of its first bounce, also when both are heard of together', async () => {
    await hear({ type: 'email.bounced', at: '2026-03-20T07:30:00Z', reader: readers[0]!, bounce: soft });
    await hear({ type: 'email.bounced', at: '2026-03-20T07:20:00Z', reader: readers[0]!, bounce: policy });
    await track(ctx);
    expect(await readOutcome(readers[0]!)).toMatchObject({
      bounced_at: new Date('2026-03-20T07:20:00Z'),
      bounce_class: 'policy',
    });
  });

  test('counts against the address that was mailed, not the one the reader has now', async () => {
    await sql`update subscribers set address = 'new@uni.test' where id = ${readers[0]!.id}`.execute(ctx.db);
    await hear({ type: 'email.complained', at: '2026-03-20T07:00:06Z', reader: readers[0]! });
    await track(ctx);
    expect([...(await readSuppressions()).keys()]).toEqual([hashOf(readers[0]!)]);
  });

  test.each([
    ['a text', sql<{ id: string }>`select receipt[3] id from batches`],
    [
      'a UUID',
      sql<{ id: string }>`update batches set receipt = null,
        receipt_uuids = array(select gen_random_uuid() from unnest(positions)) returning receipt_uuids[3] id`,
    ],
  ])('is found by the id on the receipt when its tags did not come back: %s', async (_, third) => {
    const { rows } = await third.execute(ctx.db);
    await hear({ type: 'email.bounced', at: '2026-03-20T07:00:06Z', emailId: rows[0]!.id, bounce: hard });
    await track(ctx);
    expect(await readOutcome(readers[2]!)).toMatchObject({ bounce_class: 'hard' });
    expect([...(await readSuppressions()).keys()]).toEqual([hashOf(readers[2]!)]);
  });

  test('of mails and notices that nobody knows is noted, and does not hold up the others', async () => {
    const stranger = { id: 9_999_999, address: 'x' };
    const odd = ['d-99999999999-20260320', 'd-1-20261399', 'd-1-00000000', 'n-5', '', '\u0000'];
    await hear({ type: 'email.bounced', at: '2026-03-20T07:00:06Z', reader: stranger, bounce: hard });
    await hear({ type: 'email.bounced', at: '2026-03-20T07:00:06Z', noticeId: 9_999_999, bounce: hard });
    await hear({ type: 'email.bounced', at: '2026-03-20T07:00:06Z', noticeId: 9_999_999_999, bounce: hard });
    for (const digest of odd) {
      const data = { email_id: 'x\u0000y', tags: { digest, notice: digest }, bounce: hard };
      const body = JSON.stringify({ type: 'email.bounced', created_at: 'yesterday', data });
      await storeWebhookEvent(ctx.db, {
        svixId: `odd ${digest.length} ${digest}`.replace('\0', ''),
        type: 'email.bounced',
        body,
      });
    }
    await hear({ type: 'email.delivered', at: '2026-03-20T07:00:05Z', reader: readers[0]! });
    await track(ctx);
    expect(new Set(await results())).toEqual(new Set([null, 'delivered']));
    await ageEvents('49 hours');
    await track(ctx);
    expect(new Set(await results())).toEqual(new Set(['unknown mail', 'delivered']));
    expect(await readSuppressions()).toEqual(new Map());
  });

  test('whose body cannot be read is noted', async () => {
    for (const [n, body] of ['', '{', '[]', '{"type":7}', 'null'].entries()) {
      await storeWebhookEvent(ctx.db, { svixId: `bad ${n}`, type: 'email.bounced', body });
    }
    await track(ctx);
    expect(new Set(await results())).toEqual(new Set(['not readable', 'unknown mail']));
    expect(await track(ctx)).toBe(0);
  });

  test('that comes before its mail is known waits for it, and is looked at ever more seldom', async () => {
    const { rows } = await sql<{ id: number; receipt: string[] }>`select id, receipt from batches`.execute(
      ctx.db,
    );
    const { id, receipt } = rows[0]!;
    await sql`update batches set receipt = null where id = ${id}`.execute(ctx.db);
    await hear({ type: 'email.bounced', at: '2026-03-20T07:00:06Z', emailId: receipt[1]!, bounce: hard });
    expect(await track(ctx)).toBe(1);
    expect(await results()).toEqual([null]);
    expect(await track(ctx)).toBe(0);
    for (const [age, nextS] of [
      ['1 minute', 75],
      ['2 hours', 3600],
    ] as const) {
      await ageEvents(age);
      await track(ctx);
      const { rows: looks } = await sql<{ inS: number }>`
        select extract(epoch from next_look_at - now())::float8 "inS" from webhook_events`.execute(ctx.db);
      expect(looks[0]!.inS).toBeGreaterThan(nextS - 20);
      expect(looks[0]!.inS).toBeLessThanOrEqual(nextS);
    }
    await sql`update batches set receipt = ${receipt} where id = ${id}`.execute(ctx.db);
    await ageEvents('1 minute');
    await track(ctx);
    expect(await results()).toEqual(['hard']);
    expect(await readOutcome(readers[1]!)).toMatchObject({ bounce_class: 'hard' });
  });

  test('of an erased reader is noted as such', async () => {
    await sql`update digests set address = null where subscriber_id = ${readers[0]!.id}`.execute(ctx.db);
    await hear({ type: 'email.complained', at: '2026-03-20T07:00:06Z', reader: readers[0]! });
    await track(ctx);
    expect(await results()).toEqual(['erased']);
    expect(await readSuppressions()).toEqual(new Map());
  });

  test.each(['frozen', 'unknown'])('proves that its batch was accepted, if that one is %s', async (state) => {
    await sql`update batches set state = ${state}, receipt = null`.execute(ctx.db);
    await hear({ type: 'email.delivered', at: '2026-03-20T07:00:05Z', reader: readers[2]! });
    await track(ctx);
    const batches = await ctx.db.selectFrom('batches').select(['state', 'proved_at']).execute();
    expect(batches).toEqual([{ state, proved_at: expect.any(Date) }]);
  });

  test('needs to prove nothing of a batch with an answer', async () => {
    await hear({ type: 'email.delivered', at: '2026-03-20T07:00:05Z', reader: readers[2]! });
    await track(ctx);
    const batches = await ctx.db.selectFrom('batches').select('proved_at').execute();
    expect(batches).toEqual([{ proved_at: null }]);
  });

  test('whose bounce holds what Postgres cannot store suppresses all the same', async () => {
    const bounce = { type: 'Permanent', subType: 'NoEmail', message: 'no\u0000body', diagnosticCode: [] };
    await hear({ type: 'email.bounced', at: '2026-03-20T07:00:06Z', reader: readers[0]!, bounce });
    await track(ctx);
    expect(await results()).toEqual(['hard']);
    expect([...(await readSuppressions()).keys()]).toEqual([hashOf(readers[0]!)]);
  });

  test('of a type from the future is kept and counted, and the log says so once', async () => {
    const said: unknown[] = [];
    const log = { ...ctx.log, info() {}, warn: (...words: unknown[]) => void said.push(words) };
    for (let n = 0; n < 3; n++) await hear({ type: 'email.teleported', at: '2026-03-20T07:00:05Z' });
    await hear({ type: 'suppression.added', at: '2026-03-20T07:00:05Z' });
    await track({ ...ctx, log: log as never });
    expect(await results()).toEqual(['unknown type', 'unknown type', 'unknown type', 'noted']);
    expect(said).toEqual([[{ types: { 'email.teleported': 3 } }, expect.stringContaining('unknown types')]]);
  });

  test('many at once are worked off in rounds', async () => {
    await sql`insert into webhook_events (svix_id, type, body)
      select 'many ' || n, 'email.opened', '{}' from generate_series(1, 1203) n`.execute(ctx.db);
    expect(await track(ctx)).toBe(1203);
  });
});

test('a mail of a batch that was cut in halves is found by its receipt', async () => {
  await mailedEdition(5);
  const script = Array.from({ length: 9 }, () => refuseWith(readers[1]!.address));
  await deliverAll({ ...ctx, transport: scriptedTransport(script) });
  const { rows } = await sql<{ receipt: string[] }>`select receipt from batches
    where state = 'accepted' and positions @> array[4]::smallint[]`.execute(ctx.db);
  const emailId = rows[0]!.receipt.at(-1)!;
  await hear({ type: 'email.complained', at: '2026-03-20T07:00:06Z', emailId });
  await track(ctx);
  expect([...(await readSuppressions()).keys()]).toEqual([hashOf(readers[4]!)]);
});

describe('in whatever order events come, and however often', () => {
  beforeAll(async () => {
    await mailedEdition(3);
    await deliverAll({ ...ctx, transport: scriptedTransport() });
  });

  test('digests and suppressions end up the same, outcomes at their earliest', async () => {
    const happenings: Happening[] = [0, 1, 2].flatMap((n) => {
      const reader = readers[n]!;
      return [
        { type: 'email.delivered', at: '2026-03-20T07:00:05Z', reader },
        { type: 'email.delivered', at: '2026-03-20T07:00:03Z', reader },
        { type: 'email.bounced', at: '2026-03-20T07:30:00Z', reader, bounce: soft },
        { type: 'email.bounced', at: '2026-03-20T07:20:00Z', reader, bounce: n === 0 ? hard : policy },
        { type: 'email.bounced', at: '2026-03-20T07:20:00Z', reader, bounce: soft },
        {
          type: 'email.bounced',
          at: '2026-03-20T07:20:00Z',
          reader,
          bounce: { ...policy, diagnosticCode: ['Smtp; 550 5.7.9 no'] },
        },
        ...(n === 2 ? [] : [{ type: 'email.complained', at: '2026-03-20T08:00:00Z', reader }]),
        { type: 'email.opened', at: '2026-03-20T08:00:00Z', reader },
      ];
    });
    const order = fc.shuffledSubarray([...happenings.keys(), ...happenings.keys()], {
      minLength: 2 * happenings.length,
    });
    const rounds = fc.array(fc.boolean(), { minLength: 60, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(order, rounds, async (places, pauses) => {
        await sql`truncate webhook_events, suppressions`.execute(ctx.db);
        await sql`update digests set delivered_at = null, bounced_at = null, bounce_class = null,
          bounce_detail = null, complained_at = null`.execute(ctx.db);
        for (const [turn, place] of places.entries()) {
          await hear(happenings[place]!);
          if (pauses[turn]) await track(ctx);
        }
        await track(ctx);
        for (const reader of readers) {
          expect(await readOutcome(reader)).toEqual({
            delivered_at: new Date('2026-03-20T07:00:03Z'),
            bounced_at: new Date('2026-03-20T07:20:00Z'),
            bounce_class: reader === readers[0] ? 'hard' : 'policy',
            complained_at: reader === readers[2] ? null : new Date('2026-03-20T08:00:00Z'),
            failed_at: null,
          });
        }
        const words = await ctx.db
          .selectFrom('digests')
          .select('bounce_detail')
          .orderBy('subscriber_id')
          .execute();
        expect(words.map(({ bounce_detail: said }) => said)).toEqual([
          'smtp; 550 5.1.1 user unknown',
          'Smtp; 550 5.7.9 no',
          'Smtp; 550 5.7.9 no',
        ]);
        expect(await readSuppressions()).toEqual(
          new Map([
            [hashOf(readers[0]!), 'complaint'],
            [hashOf(readers[1]!), 'complaint'],
          ]),
        );
      }),
      { numRuns: 8 },
    );
  });
});
