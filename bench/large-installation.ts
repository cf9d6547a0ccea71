import { sql } from 'kysely';
import type { Context } from '../src/context.ts';
import { matchPapers } from '../src/db/matches.ts';
import { listOpenRanges } from '../src/db/ranges.ts';
import { upsertPapers } from '../src/db/papers.ts';
import { recordDayRead } from '../src/db/source-days.ts';
import { syncCuratedTopics } from '../src/db/topics.ts';
import { createPartition } from '../src/db/webhook-events.ts';
import { addDays, utcDate } from '../src/domain/cadence.ts';
import { compose } from '../src/pipeline/compose.ts';
import { deliver } from '../src/pipeline/deliver.ts';
import { plan } from '../src/pipeline/plan.ts';
import { madeUpPapers } from './made-up-papers.ts';

/** Editions with all their digests, and older ones of which only the ledger is left. */
export const fullEditions = 7;
const closedLedgers = 83;
const papersADay = 20;
const daysOfPapers = 14;
const suppressed = 20_000;
const setWaiting = 5_000;
const eventsKept = 200_000;

interface Installation {
  newest: string;
  oldest: string;
  /** The newest day with a list of papers. */
  listed: string;
  /** A reader who got every edition. */
  reader: number;
}

/** What there is to look at once it is filled. */
export function installationOf(ctx: Context): Installation {
  const today = utcDate(ctx.now());
  return {
    newest: today,
    oldest: addDays(today, -(fullEditions + closedLedgers - 1)),
    listed: addDays(today, -1),
    reader: 3,
  };
}

/** How many subscribers a kept database holds, 0 in an empty one. Throws where it was filled on another day. */
export async function readSubscribers(ctx: Context): Promise<number> {
  const { rows } = await sql<{ subscribers: number; newest: string | null }>`
    select (select count(*)::int from subscribers) subscribers, (select max(date) from editions) newest`.execute(
    ctx.db,
  );
  const { subscribers, newest } = rows[0]!;
  if (newest !== null && newest !== utcDate(ctx.now()))
    throw new Error(`This installation was filled on ${newest}, and its pages show today. Fill a new one.`);
  return subscribers;
}

/**
 * Fills an empty database by statements of its own: rows as the pipeline leaves them, cloned from one digest that it did
 * make, since a million would take it a quarter of an hour.
 */
export async function fillInstallation(ctx: Context, subscribers: number): Promise<void> {
  const today = utcDate(ctx.now());
  await fillPapers(ctx, today);
  await makeOneDigest(ctx, today);
  await fillSubscribers(ctx, subscribers, today);
  for (let back = fullEditions - 1; back >= 0; back--)
    await fillEdition(ctx, addDays(today, -back), subscribers);
  await fillClosedLedgers(ctx, subscribers, today);
  await fillAnnouncement(ctx, subscribers);
  await fillTheRest(ctx);
  await sql`update installation set scheduler_ticked_at = now()`.execute(ctx.db);
  await ctx.pool.query('vacuum analyze');
}

async function fillClosedLedgers(ctx: Context, subscribers: number, today: string): Promise<void> {
  const accepted = Math.round(subscribers * 0.97);
  await sql`
    insert into editions (date, opened_at, closed_at, ledger)
    select d::date, d, d + interval '2 days', jsonb_build_object('date', d::date, 'audience', ${subscribers}::int,
      'pending', 0, 'accepted', ${accepted}::int, 'unknown', 0, 'closed', true, 'failed', '{}'::jsonb,
      'skipped', jsonb_build_object('nothing_new', ${subscribers - accepted}::int))
    from generate_series(${today}::date - ${fullEditions + closedLedgers - 1}::int, ${today}::date - ${fullEditions}::int,
      interval '1 day') d`.execute(ctx.db);
}

async function fillPapers(ctx: Context, today: string): Promise<void> {
  await syncCuratedTopics(ctx.db);
  const made = madeUpPapers(papersADay * daysOfPapers);
  for (let back = daysOfPapers; back > 0; back--) {
    const day = addDays(today, -back);
    const records = made.slice((back - 1) * papersADay, back * papersADay).map((paper, n) => ({
      key: `arxiv:${day.slice(2, 4)}${day.slice(5, 7)}.${day.slice(8)}${String(n).padStart(3, '0')}`,
      title: `${paper.title} for robots, video generation and language models`,
      abstract: paper.abstract,
      authors: ['Ada Example'],
      url: 'https://arxiv.org/abs/2601.00001',
      listedOn: day,
      votes: n,
    }));
    const readAt = new Date(`${addDays(day, 1)}T01:00:00Z`);
    const { changedIds } = await upsertPapers(ctx.db, 'huggingface', records, readAt);
    await matchPapers(ctx.db, changedIds);
    await recordDayRead(ctx.db, { source: 'huggingface', day, state: 'complete', readAt });
  }
}

/** Subscriber 1, who follows nothing and gets what is trending, gets a real digest of today: the others' are copies of it. */
async function makeOneDigest(ctx: Context, today: string): Promise<void> {
  await sql`insert into slots (time_zone, send_hour, weekdays, next_due_at, next_local_date)
    values ('UTC', 3, 127, ${`${today}T03:00:00Z`}, ${today})`.execute(ctx.db);
  await sql`insert into subscribers (address, status, slot_id, confirmed_at)
    values ('reader1@uni.test', 'active', 1, now())`.execute(ctx.db);
  await plan(ctx, { at: `${today}T03:00:00Z`, isByHand: true });
  for (const rangeId of await listOpenRanges(ctx.db, 10)) await compose(ctx, { rangeId });
  await deliver(ctx, { batchId: 1 });
}

/** In two hundred slots around the world, half of them over the last month; one in thirty unconfirmed or gone. */
async function fillSubscribers(ctx: Context, subscribers: number, today: string): Promise<void> {
  await sql`
    insert into slots (time_zone, send_hour, weekdays, next_due_at, next_local_date, last_local_date)
    select z, h, 127, ${`${today}T00:00:00Z`}::timestamptz + interval '1 day' + make_interval(hours => h),
      ${today}::date + 1, ${today}::date
    from unnest(array['Europe/Berlin', 'Europe/London', 'America/New_York', 'America/Los_Angeles', 'America/Sao_Paulo',
      'Asia/Tokyo', 'Asia/Shanghai', 'Asia/Kolkata', 'Australia/Sydney', 'Africa/Lagos']) z, generate_series(0, 19) h
  `.execute(ctx.db);
  await sql`
    insert into subscribers (id, address, status, slot_id, created_at, confirmed_at, unsubscribed_at)
    overriding system value
    select n, 'reader' || n || '@uni.test',
      case when n % 60 = 0 then 'unconfirmed' when n % 60 = 1 then 'unsubscribed' else 'active' end, 2 + n % 200,
      now() - make_interval(secs => n % 5000000), case when n % 60 <> 0 then now() - make_interval(secs => n % 5000000) end,
      case when n % 60 = 1 then now() - make_interval(secs => n % 2500000) end
    from generate_series(2, ${subscribers}) n`.execute(ctx.db);
  await sql`insert into follows (subscriber_id, topic_id)
    select n, 1 + (n * 7 + k * 3) % 12 from generate_series(2, ${subscribers}) n, generate_series(0, 1) k
    on conflict do nothing`.execute(ctx.db);
  await sql`analyze subscribers`.execute(ctx.db);
}

/** Ranges of a thousand, batches of a hundred with their receipts, and a digest for each; most of them delivered. */
async function fillEdition(ctx: Context, date: string, subscribers: number): Promise<void> {
  await createPartition(ctx.db, 'digests', date, addDays(date, 1));
  await sql`insert into editions (date, opened_at) values (${date}, ${`${date}T00:00:00Z`}) on conflict do nothing`.execute(
    ctx.db,
  );
  const at = sql`${`${date}T00:00:00Z`}::timestamptz`;
  const { rows } = await sql<{ range: number; batch: number }>`
    select (select max(id) from ranges) range, (select max(id) from batches) batch`.execute(ctx.db);
  const { range, batch } = rows[0]!;
  await sql`
    insert into ranges (id, edition_date, slot_ids, from_id, to_id, made_at, expected, composed_at, audience, skipped)
    overriding system value
    select ${range} + 1 + n, ${date}, '{2}', n * 1000 + 1, n * 1000 + 1000, ${at}, 1000, ${at}, 1000, '{}'
    from generate_series(0, ${Math.ceil(subscribers / 1000) - 1}) n`.execute(ctx.db);
  await sql`
    insert into batches (id, edition_date, range_id, from_id, to_id, positions, state, key, shell_id, frozen_at,
      first_attempt_at, settled_at, receipt, created_at) overriding system value
    select ${batch} + 1 + n, ${date}, ${range} + 1 + n / 10, n * 100 + 2, n * 100 + 101,
      array(select generate_series(0, 99)::smallint), 'accepted', 'digest/' || ${batch} + 1 + n,
      (select shell_id from batches where id = 1), ${at}, ${at} + make_interval(secs => n), ${at} + make_interval(secs => n),
      array(select md5(n || '-' || k || ${date})::text from generate_series(0, 99) k), ${at}
    from generate_series(0, ${Math.ceil(subscribers / 100) - 1}) n`.execute(ctx.db);
  await sql`
    insert into digests (subscriber_id, local_date, batch_id, position, paper_ids, packed, address, key_id,
      delivered_at, bounced_at, bounce_class)
    select n, ${date}, ${batch} + 1 + (n - 2) / 100, (n - 2) % 100, one.paper_ids, one.packed,
      'reader' || n || '@uni.test', one.key_id,
      case when n % 100 <> 7 then ${at} + make_interval(secs => (n - 2) / 100 + 2 + n % 40) end,
      case when n % 1000 = 7 then ${at} + make_interval(secs => (n - 2) / 100 + 5) end,
      case when n % 1000 = 7 then 'soft' end
    from generate_series(2, ${subscribers}) n, (select * from digests where subscriber_id = 1 limit 1) one`.execute(
    ctx.db,
  );
  await sql`select setval(pg_get_serial_sequence('batches', 'id'), (select max(id) from batches)),
    setval(pg_get_serial_sequence('ranges', 'id'), (select max(id) from ranges))`.execute(ctx.db);
}

/** One under way: seven in ten were mailed it, the next set waits, and the others are still to come. */
async function fillAnnouncement(ctx: Context, subscribers: number): Promise<void> {
  const walked = Math.round(subscribers * 0.7);
  await sql`
    insert into announcements (source, sha256, subject, html, text, started_at, through_id, walked_id, released_at)
    values ('', sha256('bench'), 'News', '<p>News</p>', 'News', now() - interval '40 minutes', ${subscribers}, ${walked}, now())`.execute(
    ctx.db,
  );
  await sql`
    insert into notices (subscriber_id, kind, cause, address, announcement_id, state, receipt, settled_at, transport, key)
    select id, 'announcement', 'bench', address, 1, case when id > ${walked - setWaiting} then 'composed' else 'accepted' end,
      md5(id::text), now(), 'bench', 'notices/' || id / 100 from subscribers where status = 'active' and id <= ${walked}`.execute(
    ctx.db,
  );
}

async function fillTheRest(ctx: Context): Promise<void> {
  await sql`
    insert into suppressions (address_hash, reason, origin, detail, created_at)
    select sha256(n::text::bytea), (array['hard_bounce', 'complaint', 'manual', 'soft_bounces'])[1 + n % 4], 'webhook',
      'smtp; 550 5.1.1 user unknown', now() - make_interval(mins => n) from generate_series(1, ${suppressed}) n`.execute(
    ctx.db,
  );
  const today = utcDate(new Date());
  for (const day of [addDays(today, -1), today]) {
    await createPartition(ctx.db, 'webhook_events', day, addDays(day, 1));
  }
  // Spread over the last day, each worked off two seconds after it came.
  await sql`
    insert into webhook_events (svix_id, received_on, received_at, type, body, processed_at, result)
    select 'msg_' || n, (came at time zone 'utc')::date, came, 'email.delivered',
      '{"type":"email.delivered","data":{"tags":{"digest":"d-' || n || '"}}}', came + interval '2 seconds', 'delivered'
    from generate_series(1, ${eventsKept}) n, lateral (select now() - make_interval(secs => (${eventsKept} - n) * 0.4) as came) t
    where (came at time zone 'utc')::date >= ${addDays(today, -1)}`.execute(ctx.db);
  await sql`insert into operator_actions (operator, action, subscriber_id)
    select 'operator', 'suppressed', n from generate_series(1, 5000) n`.execute(ctx.db);
}
