/**
 * Webhook events: how fast the tracker works off what is stored, beside how fast the very same rows can be inserted at
 * all. `npm run bench:webhooks [-- EVENTS]`, on a PostgreSQL of its own.
 *
 * The target is held against inserts as webhooks demand them: each committed by itself before its sender gets an answer.
 * Inserts of 500 at once are what Postgres could do if they came in sets; that ratio is the yardstick for the tracker.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { loadConfig } from '../src/config.ts';
import { type Context, openContext } from '../src/context.ts';
import { createPartition } from '../src/db/webhook-events.ts';
import { joinEmbedded } from '../src/db/embedded/join.ts';
import { addDays, utcDate } from '../src/domain/cadence.ts';
import { digestTag } from '../src/domain/digest.ts';
import { track } from '../src/pipeline/track.ts';

const target = 0.3;
const rowsAtOnce = 500;
const inFlight = 4;
const events = Number(process.argv[2] ?? 100_000);

interface Row {
  svixId: string;
  type: string;
  body: string;
}

const date = utcDate(new Date());
const folder = await mkdtemp(join(tmpdir(), 'broadsheet-webhooks-'));
await chmod(folder, 0o711);
const postgres = await joinEmbedded(join(folder, 'data'));
const config = loadConfig({
  DATABASE_URL: postgres.databaseUrl,
  MAIL_TRANSPORT: 'mailbox',
  BROADSHEET_DATA_DIR: join(folder, 'data'),
  LOG_LEVEL: 'silent',
});
const ctx = await openContext(config, { migrates: true });
try {
  await mailEveryone(ctx);
  const rows = Array.from({ length: events }, (_, n) => eventOf(n + 1));
  const single = await timed(() => insertOneByOne(ctx, rows));
  await sql`truncate webhook_events`.execute(ctx.db);
  const sets = await timed(() => insertInSets(ctx, rows));
  const worked = await timed(() => track(ctx));
  const { rows: left } = await sql<{ result: string; n: number }>`
    select result, count(*)::int n from webhook_events group by 1 order by 2 desc`.execute(ctx.db);
  report('inserted one by one', single);
  report(`inserted ${rowsAtOnce} at once`, sets);
  report('worked off', worked);
  console.log(left.map(({ result, n }) => `${n} ${result}`).join(', '));
  const ratio = sets / worked;
  console.log(`worked off / inserted one by one: ${(single / worked).toFixed(2)} (target ${target})`);
  console.log(`worked off / inserted ${rowsAtOnce} at once: ${ratio.toFixed(2)}`);
  if (single / worked < target) process.exitCode = 1;
} finally {
  await ctx.close();
  await postgres.leave();
  await rm(folder, { recursive: true, force: true });
}

/** A digest for each event, in batches of a hundred, all accepted. */
async function mailEveryone({ db }: Context): Promise<void> {
  await createPartition(db, 'digests', date, addDays(date, 1));
  await sql`insert into editions (date) values (${date})`.execute(db);
  await sql`insert into ranges (edition_date, slot_ids, from_id, to_id, made_at, expected)
    values (${date}, '{1}', 1, ${events}, now(), ${events})`.execute(db);
  await sql`insert into batches (edition_date, range_id, from_id, to_id, positions, state, settled_at)
    select ${date}, 1, n * 100 + 1, n * 100 + 100, array(select generate_series(0, 99)::smallint), 'accepted', now()
    from generate_series(0, ${Math.ceil(events / 100) - 1}) n`.execute(db);
  await sql`insert into digests (subscriber_id, local_date, batch_id, position, paper_ids, address, key_id)
    select n, ${date}, (n - 1) / 100 + 1, (n - 1) % 100, array[1, 2, 3],
      'reader' || n || '@uni.test', 'a1' from generate_series(1, ${events}) n`.execute(db);
  await sql`analyze digests`.execute(db);
  await sql`analyze batches`.execute(db);
}

/** Of a hundred mails, 98 arrive, one bounces softly and one hard. */
function eventOf(n: number): Row {
  const isBounce = n % 50 === 0;
  const type = isBounce ? 'email.bounced' : 'email.delivered';
  const code = n % 100 === 0 ? 'smtp; 550 5.1.1 user unknown' : 'smtp; 452 4.2.2 mailbox full';
  const at = new Date(Date.now() - n).toISOString();
  const body = JSON.stringify({
    type,
    created_at: at,
    data: {
      created_at: at,
      email_id: `56761188-7520-42d8-8898-${String(n).padStart(12, '0')}`,
      from: 'Broadsheet <digest@broadsheet.example>',
      to: [`reader${n}@uni.test`],
      subject: 'STARFlow-V: End-to-End Video Generative Modeling with Normalizing Flows, and 6 more',
      tags: { digest: digestTag(n, date) },
      ...(isBounce && { bounce: { type: 'Permanent', subType: 'General', diagnosticCode: [code] } }),
    },
  });
  return { svixId: `msg_2b5Qx${String(n).padStart(18, '0')}`, type, body };
}

/** As the events come: one statement, and one commit, each. */
async function insertOneByOne({ db }: Context, rows: readonly Row[]): Promise<void> {
  const line = rows.values();
  const insert = async () => {
    for (const { svixId, type, body } of line)
      await sql`insert into webhook_events (svix_id, type, body) values (${svixId}, ${type}, ${body})`.execute(
        db,
      );
  };
  await makePartition(ctx);
  await Promise.all(Array.from({ length: inFlight }, insert));
}

async function insertInSets({ db }: Context, rows: readonly Row[]): Promise<void> {
  await makePartition(ctx);
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const some = rows.slice(at, at + rowsAtOnce);
    await sql`insert into webhook_events (svix_id, type, body)
      select * from unnest(${some.map(({ svixId }) => svixId)}::text[], ${some.map(({ type }) => type)}::text[],
        ${some.map(({ body }) => body)}::text[])`.execute(db);
  }
}

async function makePartition({ db }: Context): Promise<void> {
  await createPartition(db, 'webhook_events', date, addDays(date, 1));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

function report(what: string, ms: number): void {
  console.log(`${what.padEnd(22)} ${Math.round((events * 1000) / ms).toLocaleString('en-US')} events/s`);
}
