import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readAnnouncementLedger } from '../../src/db/announcement-ledger.ts';
import { insertDraft, readAnnouncementRow } from '../../src/db/announcements.ts';
import { countHandled } from '../../src/db/server-identity.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { readToken } from '../../src/domain/tokens.ts';
import { releaseAnnouncements, startAnnouncement, stopAnnouncement } from '../../src/pipeline/announce.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import { readMail } from '../../src/render/mail.ts';
import { readTemplate } from '../../src/render/mjml-template.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import {
  lost,
  refuseAt,
  refused,
  refuseWith,
  scriptedTransport,
  type Scripted,
  tooFast,
} from '../support/scripted-transport.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { attempt, hurry, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

const source = await readTemplate('announcement');
let base: TestContext;
beforeAll(async () => void (base = await openTestContext()));
afterAll(() => base.close());
beforeEach(() => wipe(base));

/** A context whose transport answers from a script, and has room for `perSecond` requests. */
function scene(script: Scripted[] = [], perSecond = 1000) {
  return {
    ...base,
    config: { ...base.config, ratePerSecond: perSecond },
    transport: scriptedTransport(script),
  };
}

async function start(ctx: TestContext, topicId: number | null = null, text = source): Promise<number> {
  const started = await startAnnouncement(
    ctx,
    { id: await insertDraft(ctx.db, text), topicId },
    'command line',
  );
  if ('faults' in started) throw new Error(started.faults[0]!.words);
  return started.id;
}

async function topicOf(ctx: TestContext): Promise<number> {
  const { id } = await ctx.db.selectFrom('topics').select('id').executeTakeFirstOrThrow();
  return id;
}

/** Hands over whatever waits, as the workers would, without standing in line. */
async function deliverWaiting(given: TestContext): Promise<void> {
  const ctx = { ...given, config: { ...given.config, ratePerSecond: 1000 } };
  await hurry(ctx);
  const { rows } = await sql<{ noticeId: number }>`
    select id "noticeId" from notices where state in ('composed', 'frozen') order by id`.execute(ctx.db);
  for (const row of rows) expect(await attempt(ctx, row)).toBeUndefined();
}

/** One nudge, of the first that waits. */
async function deliverFirst(given: TestContext): Promise<Error | undefined> {
  const ctx = { ...given, config: { ...given.config, ratePerSecond: 1000 } };
  await hurry(ctx);
  const { rows } = await sql<{ noticeId: number }>`
    select min(id) "noticeId" from notices where state in ('composed', 'frozen')`.execute(ctx.db);
  return attempt(ctx, rows[0]!);
}

/** The last set as if it were a minute ago. */
async function aMinuteLater(ctx: TestContext): Promise<void> {
  await sql`update announcements set released_at = released_at - interval '1 minute'`.execute(ctx.db);
}

async function suppressAddress(ctx: TestContext, address: string): Promise<void> {
  const hash = addressHash(ctx.config.suppressionKey, address);
  await suppress(ctx.db, { addressHash: hash, reason: 'complaint', origin: 'webhook' });
}

/** The mails of a request that carries several. */
function mailsIn(body: Buffer) {
  const parts = JSON.parse(body.toString('latin1')) as object[];
  return parts.map((part) => readMail(Buffer.from(JSON.stringify(part), 'latin1')));
}

/** Every address that was mailed, in order, however many requests that took. */
function mailed(ctx: ReturnType<typeof scene>): string[] {
  return ctx.transport.submissions.flatMap(({ to }) => to);
}

const nothing = { pending: 0, accepted: 0, skipped: {}, failed: {}, unknown: 0 };

test('every confirmed reader gets one mail, with links of their own and one-click headers', async () => {
  const ctx = scene();
  const readers = await seedReaders(ctx, 3);
  await sql`update subscribers set status = 'unconfirmed' where id = ${readers[2]!.id}`.execute(ctx.db);
  const id = await start(ctx);
  await deliverWaiting(ctx);
  expect(ctx.transport.submissions).toHaveLength(1);
  const mails = mailsIn(ctx.transport.submissions[0]!.body);
  expect(mails.map(({ to }) => to)).toEqual(readers.slice(0, 2).map(({ address }) => address));
  for (const [n, mail] of mails.entries()) {
    const token = /\/unsubscribe\/([^"\s]+)/.exec(mail.html)![1]!;
    expect(readToken(ctx.config.keys, 'unsubscribe', token)).toMatchObject({ subscriberId: readers[n]!.id });
    expect(mail.headers).toMatchObject({
      'List-Unsubscribe': `<${ctx.config.publicUrl}/unsubscribe/${token}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    });
    expect(mail.html).toContain('1 Example Street');
    expect(mail.text).toContain('papers on robots');
  }
  await releaseAnnouncements(ctx);
  expect(await readAnnouncementLedger(ctx.db, id)).toEqual({ ...nothing, audience: 2, accepted: 2 });
  expect((await readAnnouncementRow(ctx.db, id))!.closedAt).not.toBeNull();
});

test('started again, at once or later, by one or by many, it mails nobody twice', async () => {
  const ctx = scene();
  await seedReaders(ctx, 4);
  const ids = await Promise.allSettled([start(ctx), start(ctx), start(ctx)]);
  const id = ids.find((one) => one.status === 'fulfilled')!.value;
  await deliverWaiting(ctx);
  expect(await start(ctx)).toBe(id);
  await sweep(ctx);
  await deliverWaiting(ctx);
  expect(new Set(mailed(ctx)).size).toBe(4);
  expect(mailed(ctx)).toHaveLength(4);
});

test('a topic’s announcement goes to its followers; widened to all, it counts them as mailed already', async () => {
  const ctx = scene();
  const [one, two] = await seedReaders(ctx, 2);
  await seedReaders(ctx, 1, { name: 'other', topics: ['mamba'] });
  const topicId = await topicOf(ctx);
  await sql`update follows set mode = 'mute' where subscriber_id = ${two!.id}`.execute(ctx.db);
  await start(ctx, topicId);
  await deliverWaiting(ctx);
  expect(ctx.transport.submissions.flatMap(({ to }) => to)).toEqual([one!.address]);

  await aMinuteLater(ctx);
  const all = await start(ctx);
  await deliverWaiting(ctx);
  await releaseAnnouncements(ctx);
  expect(mailed(ctx)).toHaveLength(3);
  const skipped = { already_mailed: 1 };
  expect(await readAnnouncementLedger(ctx.db, all)).toEqual({
    ...nothing,
    audience: 3,
    accepted: 2,
    skipped,
  });
});

test('who is suppressed or leaves, before the set or after it, gets none, and the ledger adds up', async () => {
  const ctx = scene([refused]);
  const [first, before, after, left] = await seedReaders(ctx, 4);
  await suppressAddress(ctx, before!.address);
  const id = await start(ctx);
  await suppressAddress(ctx, after!.address);
  await sql`update subscribers set status = 'unsubscribed' where id = ${left!.id}`.execute(ctx.db);
  await deliverWaiting(ctx);
  await releaseAnnouncements(ctx);
  expect(ctx.transport.submissions.flatMap(({ to }) => to)).toEqual([first!.address]);
  expect(await readAnnouncementLedger(ctx.db, id)).toEqual({
    ...nothing,
    audience: 4,
    skipped: { suppressed: 2, unsubscribed: 1 },
    failed: { refused: 1 },
  });
});

test('sets follow at their share of the rate, and not at all while mail stands still', async () => {
  const ctx = scene([], 0.001);
  await seedReaders(ctx, 30);
  const made = async () =>
    (await sql<{ n: number }>`select count(*)::int n from notices`.execute(ctx.db)).rows[0]!.n;
  const id = await start(ctx);
  expect(await made()).toBe(4);
  await releaseAnnouncements(ctx);
  await aMinuteLater(ctx);
  await releaseAnnouncements(ctx);
  expect(await made(), 'those before them wait').toBe(4);
  await deliverWaiting(ctx);
  await releaseAnnouncements(ctx);
  expect(await made()).toBe(8);
  expect((await readAnnouncementLedger(ctx.db, id)).audience).toBe(8);

  await deliverWaiting(ctx);
  await seedDay(ctx, '2026-03-19', 3);
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await aMinuteLater(ctx);
  await releaseAnnouncements(ctx);
  expect(await made(), 'digests wait: one is left of four').toBe(9);
});

test('a process that dies within a set leaves nothing of it, and the next one goes on', async () => {
  const ctx = scene();
  await seedReaders(ctx, 3);
  await sql`create function fail() returns trigger language plpgsql as $$ begin raise exception 'died'; end $$`.execute(
    ctx.db,
  );
  await sql`create trigger dies before update of walked_id on announcements execute function fail()`.execute(
    ctx.db,
  );
  await expect(start(ctx)).rejects.toThrow('died');
  await sql`drop function fail cascade`.execute(ctx.db);
  expect((await sql`select 1 from notices`.execute(ctx.db)).rows).toEqual([]);
  await sweep(ctx);
  await deliverWaiting(ctx);
  await sweep(ctx);
  expect(mailed(ctx)).toHaveLength(3);
  const row = await ctx.db.selectFrom('announcements').selectAll().executeTakeFirstOrThrow();
  expect(row.ledger).toMatchObject({ audience: 3, accepted: 3 });
});

test('an answer that is lost is replayed under the same key, with the same bytes', async () => {
  const ctx = scene([lost]);
  await seedReaders(ctx, 1);
  await start(ctx);
  await deliverWaiting(ctx);
  await deliverWaiting(ctx);
  const [first, second] = ctx.transport.submissions;
  expect(second!.key).toBe(first!.key);
  expect(second!.body.equals(first!.body)).toBe(true);
});

describe('a hundred in a request', () => {
  test('however many readers there are, and each of them once', async () => {
    const ctx = scene();
    const readers = await seedReaders(ctx, 230);
    const id = await start(ctx);
    await deliverWaiting(ctx);
    expect(ctx.transport.submissions.map(({ kind, members }) => [kind, members])).toEqual([
      ['batch', 100],
      ['batch', 100],
      ['batch', 30],
    ]);
    expect(mailed(ctx)).toEqual(readers.map(({ address }) => address));
    expect(await readAnnouncementLedger(ctx.db, id)).toMatchObject({ audience: 230, accepted: 230 });
  });

  test('nudged all at once, a notice is in one request only', async () => {
    const ctx = scene();
    await seedReaders(ctx, 30);
    await start(ctx);
    const rows = await ctx.db.selectFrom('notices').select('id as noticeId').orderBy('id', 'desc').execute();
    for (const fault of await Promise.all(rows.map((row) => attempt(ctx, row))))
      expect(fault).toBeUndefined();
    await deliverWaiting(ctx);
    expect(mailed(ctx)).toHaveLength(30);
    expect(new Set(mailed(ctx)).size).toBe(30);
  });

  test('a process that dies between freeze and answer leaves one request, which is asked for again', async () => {
    const ctx = scene([
      () => {
        throw new Error('killed');
      },
    ]);
    const readers = await seedReaders(ctx, 5);
    const id = await start(ctx);
    expect((await deliverFirst(ctx))?.message).toBe('killed');
    await seedReaders(ctx, 3, { name: 'later' });
    await hurry(ctx);
    // Whichever of them is nudged first, all of them go with it.
    const { rows } = await sql<{ noticeId: number }>`select max(id) "noticeId" from notices`.execute(ctx.db);
    expect(await attempt(ctx, rows[0]!)).toBeUndefined();
    await deliverWaiting(ctx);
    const [first, second, ...more] = ctx.transport.submissions;
    expect(more).toEqual([]);
    expect([second!.key, second!.body.equals(first!.body)]).toEqual([first!.key, true]);
    expect(second!.to).toEqual(readers.map(({ address }) => address));
    expect(await readAnnouncementLedger(ctx.db, id)).toEqual({ ...nothing, audience: 5, accepted: 5 });
  });

  test('those refused by name fail with their reason, and the others are accepted with ids of their own', async () => {
    const ctx = scene([refuseAt(1)]);
    await seedReaders(ctx, 3);
    const id = await start(ctx);
    await deliverWaiting(ctx);
    const rows = await ctx.db
      .selectFrom('notices')
      .select(['state', 'receipt', 'reason'])
      .orderBy('id')
      .execute();
    const { key } = ctx.transport.submissions[0]!;
    expect(rows).toEqual([
      { state: 'accepted', receipt: `${key}#0`, reason: null },
      { state: 'failed', receipt: null, reason: 'place 1 is no good' },
      { state: 'accepted', receipt: `${key}#2`, reason: null },
    ]);
    const ledger = { ...nothing, audience: 3, accepted: 2, failed: { refused: 1 } };
    expect(await readAnnouncementLedger(ctx.db, id)).toEqual(ledger);
  });

  test('refused as a whole it is tried by halves, until the one that it is about stands alone', async () => {
    const ctx = scene();
    const readers = await seedReaders(ctx, 8);
    ctx.transport.script.push(...Array.from({ length: 20 }, () => refuseWith(readers[5]!.address)));
    const id = await start(ctx);
    await deliverWaiting(ctx);
    expect(ctx.transport.submissions.map(({ members }) => members)).toEqual([8, 4, 4, 2, 1, 1, 2]);
    expect(new Set(ctx.transport.submissions.map(({ key }) => key)).size).toBe(7);
    const ledger = { ...nothing, audience: 8, accepted: 7, failed: { refused: 1 } };
    expect(await readAnnouncementLedger(ctx.db, id)).toEqual(ledger);
  });

  test('who leaves before a first attempt is left out; after one whose answer was lost, the window is short', async () => {
    const ctx = scene([tooFast, lost]);
    const readers = await seedReaders(ctx, 3);
    const id = await start(ctx);
    await deliverFirst(ctx);
    await suppressAddress(ctx, readers[0]!.address);
    await deliverFirst(ctx);
    await suppressAddress(ctx, readers[1]!.address);
    await sql`update notices set first_attempt_at = now() - interval '16 minutes'`.execute(ctx.db);
    await deliverWaiting(ctx);
    expect(ctx.transport.submissions.map(({ members }) => members)).toEqual([3, 2]);
    const ledger = { ...nothing, audience: 3, skipped: { suppressed: 1 }, unknown: 2 };
    expect(await readAnnouncementLedger(ctx.db, id)).toEqual(ledger);
  });

  test('a part whose bytes changed sends nothing of it again', async () => {
    const ctx = scene([lost]);
    await seedReaders(ctx, 2);
    await start(ctx);
    await deliverFirst(ctx);
    await sql`update notices set body = 'x' where id = (select max(id) from notices)`.execute(ctx.db);
    expect((await deliverFirst(ctx))?.message).toContain('its bytes changed');
    await deliverWaiting(ctx);
    expect(ctx.transport.submissions).toHaveLength(1);
    expect(await ctx.db.selectFrom('notices').select(['state']).execute()).toEqual([
      { state: 'unknown' },
      { state: 'unknown' },
    ]);
  });

  test('the day’s cap cuts it short, and the rest waits', async () => {
    const ctx = scene();
    await seedReaders(ctx, 5);
    await start(ctx);
    const capped = { ...ctx, config: { ...ctx.config, dailyCap: { mails: 3 } } };
    await deliverWaiting(capped);
    expect(mailed(ctx)).toHaveLength(3);
    await deliverWaiting(ctx);
    expect(mailed(ctx)).toHaveLength(5);
  });
});

test('over a mail server each is a mail of its own', async () => {
  const ctx = scene();
  ctx.transport = { ...ctx.transport, isKeyless: true };
  await seedReaders(ctx, 3);
  await start(ctx);
  await deliverWaiting(ctx);
  expect(ctx.transport.submissions.map(({ kind, members }) => [kind, members])).toEqual([
    ['single', 1],
    ['single', 1],
    ['single', 1],
  ]);
});

test('stopped, it mails nobody who has no mail yet, and says so', async () => {
  const ctx = scene([], 0.001);
  await seedReaders(ctx, 9);
  const id = await start(ctx);
  expect(await stopAnnouncement(ctx, id, 'operator')).toBe(true);
  expect(await stopAnnouncement(ctx, id, 'operator')).toBe(false);
  await aMinuteLater(ctx);
  await sweep(ctx);
  await deliverWaiting(ctx);
  expect(ctx.transport.submissions).toEqual([]);
  expect(await readAnnouncementLedger(ctx.db, id)).toEqual({
    ...nothing,
    audience: 4,
    skipped: { stopped: 4 },
  });
});

test('under a daily cap it leaves three quarters of the day to digests', async () => {
  const ctx = scene();
  await seedReaders(ctx, 5);
  const id = await start({ ...ctx, config: { ...ctx.config, dailyCap: { mails: 8 } } });
  expect((await readAnnouncementLedger(ctx.db, id)).audience).toBe(2);
});

test('who wants plain text gets it as plain text', async () => {
  const ctx = scene();
  await seedReaders(ctx, 1);
  await sql`update subscribers set text_only = true`.execute(ctx.db);
  await start(ctx);
  await deliverWaiting(ctx);
  const mail = mailsIn(ctx.transport.submissions[0]!.body)[0]!;
  expect(mail.html).toBe('');
  expect(mail.text).toContain('Write here what readers should know.');
});

test('after a restore it is stopped: whom it had reached since, nobody knows', async () => {
  const ctx = scene([], 0.001);
  await seedReaders(ctx, 9);
  const id = await start(ctx);
  await ctx.db.transaction().execute((trx) => countHandled(trx, '2026-03-19'));
  await aMinuteLater(ctx);
  await releaseAnnouncements(ctx);
  expect((await readAnnouncementRow(ctx.db, id))!.stoppedAt).not.toBeNull();
  expect(await readAnnouncementLedger(ctx.db, id)).toEqual({ ...nothing, audience: 4, unknown: 4 });
});

test('confirmations and digests are handed to the workers before it, and behind it', async () => {
  const ctx = scene();
  const [reader] = await seedReaders(ctx, 1);
  await start(ctx);
  await ctx.queues.add('deliver', { batchId: 7 });
  await sql`insert into notices (subscriber_id, kind, cause, address) values (${reader!.id}, 'link', 'x', 'x@uni.test')`.execute(
    ctx.db,
  );
  await sweep(ctx);
  const jobs = await ctx.queues.queue('deliver').getJobs(['waiting', 'prioritized']);
  const order = jobs
    .toSorted((a, b) => (a.opts.priority ?? 0) - (b.opts.priority ?? 0))
    .map(({ data }) => data as object);
  expect(order).toEqual([
    { noticeId: expect.any(Number) },
    { noticeId: expect.any(Number), patient: true },
    { batchId: 7 },
  ]);
});

test('what is wrong, or for nobody, is not started', async () => {
  const ctx = scene();
  const started = await startAnnouncement(
    ctx,
    { id: await insertDraft(ctx.db, source), topicId: null },
    'operator',
  );
  expect(started).toEqual({ faults: [{ line: undefined, words: expect.stringContaining('Nobody') }] });
  await seedReaders(ctx, 1);
  const broken = await insertDraft(ctx.db, source.replace('{{postalAddress}}', ''));
  expect(await startAnnouncement(ctx, { id: broken, topicId: null }, 'operator')).toHaveProperty('faults');
  expect((await sql`select 1 from announcements where started_at is not null`.execute(ctx.db)).rows).toEqual(
    [],
  );
});
