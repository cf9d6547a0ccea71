import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';
import { insertDraft } from '../../src/db/announcements.ts';
import { keepEditionCounts } from '../../src/db/edition-counts.ts';
import { setEditorNote } from '../../src/db/featured-papers.ts';
import { matchPapers } from '../../src/db/matches.ts';
import { upsertPapers } from '../../src/db/papers.ts';
import { recordDayRead } from '../../src/db/source-days.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { createPartition } from '../../src/db/webhook-events.ts';
import { syncCuratedTopics } from '../../src/db/topics.ts';
import { addressHash } from '../../src/domain/address.ts';
import { addDays, utcDate } from '../../src/domain/cadence.ts';
import { weekdayPlace } from '../../src/domain/weekdays.ts';
import { keepCountsOfOne } from '../../src/pipeline/edition-counts.ts';
import { judgeEditions } from '../../src/pipeline/breakers.ts';
import { readTemplate } from '../../src/render/mjml-template.ts';
import { sampleSource } from '../../src/sources/sample.ts';
import { mailEdition } from './mailbox.ts';
import type { Studio } from './studio.ts';

const daysBack = 30;
/** Editions that the pipeline makes; of the older ones only what was counted is put there. */
const daysMailed = 4;
const readers = 1840;
const hourMs = 3_600_000;
const arxiv = 'arxiv:cs.LG+cs.CV';

/**
 * An installation that has run for some weeks up to today: readers, lists of papers, editions of which the last were
 * really mailed to the mailbox, and what the world said of them.
 */
export async function fillSomeWeeks({ ctx, setNow }: Studio): Promise<void> {
  // The last edition's morning is over, whenever this runs.
  const today = utcDate(new Date(Date.now() - 10 * hourMs));
  await syncCuratedTopics(ctx.db);
  await fillReaders(ctx, today);
  await fillLists(ctx, today);
  for (let back = daysMailed - 1; back >= 0; back--) {
    const date = addDays(today, -back);
    setNow(`${date}T09:00:00Z`);
    await mailEdition(ctx);
    await hearOf(ctx, date, back);
  }
  setNow(new Date().toISOString());
  await fillLedgers(ctx, today);
  for (let n = 0; n < daysMailed; n++) await keepCountsOfOne(ctx);
  await fillTheRest(ctx, today);
}

/** Trips the breaker of the newest edition: as many hard bounces as make it stop. */
export async function tripNewest(ctx: Context): Promise<void> {
  const { rows } = await sql<{ date: string }>`select max(date) date from editions`.execute(ctx.db);
  const { date } = rows[0]!;
  await sql`update digests set bounced_at = now(), bounce_class = 'hard', delivered_at = null
    where local_date = ${date} and subscriber_id % 12 = 5`.execute(ctx.db);
  await judgeEditions(ctx, [date]);
}

async function fillReaders(ctx: Context, today: string): Promise<void> {
  const first = addDays(today, 1 - daysMailed);
  await sql`insert into slots (time_zone, send_hour, weekdays, next_due_at, next_local_date)
    select 'UTC', h, 127, ${first}::timestamp at time zone 'utc' + make_interval(hours => h), ${first}
    from generate_series(5, 8) h`.execute(ctx.db);
  await sql`
    insert into subscribers (address, status, slot_id, max_papers, created_at, confirmed_at, unsubscribed_at)
    select case n when 1 then 'ada@university.example' else 'reader' || n || '@university.example' end,
      case when n % 61 = 0 then 'unconfirmed' when n % 67 = 0 then 'unsubscribed' else 'active' end, 1 + n % 4, 4 + n % 5,
      joined, case when n % 61 <> 0 then joined + interval '3 minutes' end,
      case when n % 67 = 0 then ${today}::date - make_interval(days => n % 29) end
    from generate_series(1, ${readers}) n,
      lateral (select now() - make_interval(days => case n when 1 then 4 else 5 + (n * n % 101 + n * 17) % 97 end, mins => n % 700) joined) j`.execute(
    ctx.db,
  );
  await sql`
    insert into follows (subscriber_id, topic_id)
    select n, 1 + (n * 13 + k * 7 + n / 9) % (select count(*) from topics where slug is not null)::int
    from generate_series(1, ${readers}) n, generate_series(0, 7) k on conflict do nothing`.execute(ctx.db);
}

/** The sample edition's papers over the days whose lists are mailed; before those only how many there were. */
async function fillLists(ctx: Context, today: string): Promise<void> {
  const { papers } = await sampleSource().read(addDays(today, -1), ctx.signal);
  for (let back = daysMailed; back > 0; back--) {
    const day = addDays(today, -back);
    const listed = papers
      .filter((_, n) => n % daysMailed === back - 1)
      .map((record) => ({ ...record, listedOn: day }));
    const readAt = new Date(Date.parse(day) + 25 * hourMs);
    for (const [source, records] of [
      [arxiv, listed],
      ['huggingface', listed.slice(0, 5 + back)],
    ] as const) {
      const { changedIds } = await upsertPapers(ctx.db, source, records, readAt);
      await matchPapers(ctx.db, changedIds);
      await recordDayRead(ctx.db, { source, day, state: 'complete', readAt });
    }
  }
  await sql`insert into source_days (source, day, state, papers, read_at)
    select source, d::date, case when isOff then 'holiday' else 'complete' end,
      case when isOff then 0 when source = ${arxiv} then 9 + seed % 6 else 5 + seed % 4 end, d + interval '25 hours'
    from generate_series(${today}::date - ${daysBack}::int, ${today}::date - 1, interval '1 day') d,
      unnest(array['huggingface', ${arxiv}]) source,
      lateral (select source = ${arxiv} and extract(isodow from d) > 5 isOff, extract(day from d)::int * 11 % 17 seed) made
    on conflict do nothing`.execute(ctx.db);
}

/** The edition's batches as if they had left over three hours of that morning, and what came back. */
async function hearOf(ctx: Context, date: string, back: number): Promise<void> {
  await sql`update batches set created_at = left_at - interval '40 seconds', frozen_at = left_at - interval '1 second',
      first_attempt_at = left_at, settled_at = left_at
    from (select id b, ${date}::timestamp at time zone 'utc' + make_interval(hours => 5, mins => (row_number() over (order by id) * 9)::int) left_at
      from batches where edition_date = ${date}) moved where id = b`.execute(ctx.db);
  await sql`update ranges set created_at = ${date}::timestamp at time zone 'utc' + interval '5 hours',
    composed_at = ${date}::timestamp at time zone 'utc' + interval '5 hours 8 seconds' where edition_date = ${date}`.execute(
    ctx.db,
  );
  await sql`update editions set opened_at = ${date}::date, closed_at = case when ${back}::int > 1 then ${date}::date + interval '36 hours' end
    where date = ${date}`.execute(ctx.db);
  await sql`update digests d set delivered_at = b.settled_at + make_interval(secs => 2 + subscriber_id % 7 + subscriber_id % 41 / 3)
    from batches b where b.id = d.batch_id and local_date = ${date} and subscriber_id % 97 <> 11`.execute(
    ctx.db,
  );
  await sql`update digests d set delivered_at = null, bounced_at = b.settled_at + interval '6 seconds',
      bounce_class = case when subscriber_id % 2 = 0 then 'hard' else 'soft' end,
      bounce_detail = case when subscriber_id % 2 = 0 then 'smtp; 550 5.1.1 no such user' else 'smtp; 452 4.2.2 mailbox full' end
    from batches b where b.id = d.batch_id and local_date = ${date}
      and (subscriber_id % 151 = 20 + ${back}::int or (subscriber_id = 1 and ${back}::int = 2))`.execute(
    ctx.db,
  );
}

/** Closed editions, a little larger each day, of which no digest is left. */
async function fillLedgers(ctx: Context, today: string): Promise<void> {
  for (let back = daysBack - 1; back >= daysMailed; back--) {
    const date = addDays(today, -back);
    const isWeekend = weekdayPlace(date) > 4;
    const audience = readers - 22 * back - (isWeekend ? 60 : 0);
    const skipped = isWeekend ? 130 + (back % 5) : 24 + ((back * 7) % 19);
    const accepted = audience - skipped;
    const bounced = 3 + ((back * back * 7) % 13);
    const ledger = { date, audience, pending: 0, accepted, unknown: 0, closed: true, failed: {} };
    await sql`insert into editions (date, opened_at, closed_at, ledger)
      values (${date}, ${date}, ${date}::date + interval '36 hours', ${JSON.stringify({ ...ledger, skipped: { nothing_new: skipped } })})`.execute(
      ctx.db,
    );
    await keepEditionCounts(ctx.db, date, {
      delivered: accepted - bounced - 4,
      bounced,
      complained: back % 11 === 0 ? 1 : 0,
      bounceClasses: { hard: bounced - 2, soft: 2 },
      papersPerDigest: { '3': accepted - 40 * (back % 7), '4': 40 * (back % 7) + accepted / 2 },
      delayS: { median: 9 + ((back * 7919) % 4), most: 15 + ((back * 7919) % 7) },
      silent: 4,
      htmlBytes: { median: 11_600 + ((back * 731) % 900), largest: 15_400 + ((back * 1201) % 2500) },
    });
  }
}

async function fillTheRest(ctx: Context, today: string): Promise<void> {
  // Events came up to now, which may be the day after.
  for (const days of [-1, 0, 1])
    await createPartition(ctx.db, 'webhook_events', addDays(today, days), addDays(today, days + 1));
  await sql`
    insert into webhook_events (svix_id, received_on, received_at, type, body, processed_at, result)
    select 'msg_' || n, (came at time zone 'utc')::date, came, case when n % 90 = 0 then 'email.bounced' else 'email.delivered' end,
      '{}', came + interval '1 second', case when n % 90 = 0 then 'bounced' else 'delivered' end
    from generate_series(1, 1700) n, lateral (select now() - make_interval(secs => n * 4) came) c`.execute(
    ctx.db,
  );
  for (let n = 0; n < 34; n++) {
    const hash = addressHash(ctx.config.suppressionKey, `gone${n}@university.example`);
    const reason = (['hard_bounce', 'hard_bounce', 'complaint', 'soft_bounces', 'manual'] as const)[n % 5]!;
    await suppress(ctx.db, {
      addressHash: hash,
      reason,
      origin: reason === 'manual' ? 'operator' : 'webhook',
    });
  }
  await sql`update suppressions set created_at = now() - make_interval(hours => 5 + (get_byte(address_hash, 0) * 3))`.execute(
    ctx.db,
  );
  const { rows } = await sql<{ key: string }>`select key from papers order by votes desc limit 2`.execute(
    ctx.db,
  );
  await setEditorNote(ctx.db, rows[1]!.key, 'Read this one first: the ablations are worth it.', 'operator');
  const draft = (await readTemplate('announcement')).replace('What is new', 'Topics of your own');
  await insertDraft(ctx.db, draft);
  await sql`update installation set scheduler_ticked_at = now()`.execute(ctx.db);
}
