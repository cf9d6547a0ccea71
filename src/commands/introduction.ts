import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import { signToken } from '../domain/tokens.ts';
import { drain } from '../pipeline/drain.ts';
import { ingest } from '../pipeline/ingest.ts';
import { fetchPictures } from '../pipeline/pictures.ts';
import { plan } from '../pipeline/plan.ts';
import { askQueues, queuesAwayInWords } from '../queue/answer.ts';
import { passwordWasShown } from '../secrets.ts';
import { reachable } from '../sources/huggingface-api.ts';
import { count } from '../web/wording.ts';
import { makeSampleReaders, sampleReaders } from './sample-readers.ts';

const networkTimeoutMs = 2_500;
/** A weekend and a holiday: the last list with papers is no further away. */
const daysBackMax = 5;
const firstMailWaitMs = 20_000;
/** The first mail must not wait for pictures; those that are not here by then come with the next reading. */
const picturesWithinMs = 1_500;

/**
 * The first minute on a bare machine: papers, three sample readers who are due now, their digests in the mailbox, and
 * where to look. Started again, it finds all that and sends nothing twice.
 */
export async function introduce(ctx: Context, { openedMs }: { openedMs: number }): Promise<void> {
  say('Broadsheet · mail stays on this machine');
  done('Postgres (embedded)', `${(openedMs / 1000).toFixed(1)} s`);
  const since = await readDatabaseClock(ctx);
  const papers = await loadPapers(ctx);
  done(`${count(papers.count, 'paper')}, ${shortDate(papers.day)}`, papers.from);
  await makeSampleReaders(ctx);
  await plan(ctx);
  const waits = await settleFirstMail(ctx);
  const digests = await readSampleDigests(ctx, since);
  if (digests.length > 0) {
    const counts = digests.map(({ name, papers: n }) => `${name} ${n}`).join(' · ');
    done(`${count(digests.length, 'digest')} accepted`, counts);
  } else if (!waits) {
    done('Nothing is due', 'earlier mails are still in the mailbox');
  }
  if (waits) say(`… ${waits}`);
  await sayWhere(ctx);
}

async function loadPapers(ctx: Context): Promise<{ count: number; day: string; from: string }> {
  const live =
    ctx.config.sources.includes('huggingface') &&
    (await reachable(ctx.config.huggingfaceBaseUrl, networkTimeoutMs));
  if (live) {
    for (let back = 1; back <= daysBackMax; back++) {
      const day = addDays(utcDate(ctx.now()), -back);
      const read = await ingest(ctx, { source: 'huggingface', day }).catch(() => undefined);
      if (!read) break;
      const count = await countListed(ctx, day);
      if (count === 0) continue;
      await fetchPictures(ctx, { withinMs: picturesWithinMs });
      return { count, day, from: 'Hugging Face, list closed' };
    }
  }
  const known = await newestDay(ctx);
  if (known) return known;
  const day = addDays(utcDate(ctx.now()), -1);
  await ingest(ctx, { source: 'sample', day });
  return { count: await countListed(ctx, day), day, from: 'sample edition: no network' };
}

async function countListed(ctx: Context, day: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select count(distinct paper_id)::int n from listings where listed_on = ${day}`.execute(ctx.db);
  return rows[0]!.n;
}

/** What an earlier start has loaded, if it is still young enough to draw on. */
async function newestDay(ctx: Context): Promise<{ count: number; day: string; from: string } | undefined> {
  const { rows } = await sql<{ day: string; source: string; papers: number }>`
    select day, source, papers from source_days where papers > 0 and day >= ${addDays(utcDate(ctx.now()), -daysBackMax)}
    order by day desc, source limit 1`.execute(ctx.db);
  const row = rows[0];
  if (!row) return undefined;
  const from = row.source === 'sample' ? 'sample edition: no network' : 'read before; no network now';
  return { count: row.papers, day: row.day, from };
}

/**
 * Gives the workers time to hand the first mail over, and says what it waits for where it is not done by then. A machine
 * too slow for it goes on in the background; so does mail whose queues are away, once they are back.
 */
export async function settleFirstMail(ctx: Context): Promise<string | undefined> {
  try {
    await askQueues(ctx.queues);
  } catch {
    return `${queuesAwayInWords(ctx.backend)} Mail waits until they do.`;
  }
  const { rows } = await sql<{ date: string }>`
    select date from editions where closed_at is null`.execute(ctx.db);
  const drained = await Promise.race([
    drain(
      ctx,
      rows.map((row) => row.date),
    ),
    sleep(firstMailWaitMs, { done: false, reason: 'The first mail is still on its way.' } as const, {
      ref: false,
    }),
  ]);
  return drained.done ? undefined : drained.reason;
}

async function readDatabaseClock(ctx: Context): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select now() now`.execute(ctx.db);
  return rows[0]!.now;
}

/** What the sample readers got since this start. */
async function readSampleDigests(ctx: Context, since: Date) {
  const { rows } = await sql<{ address: string; papers: number }>`
    select distinct on (d.subscriber_id) d.address, cardinality(d.paper_ids) papers
    from digests d join batches b on b.id = d.batch_id and b.state = 'accepted' and b.settled_at >= ${since}
    where d.address = any(${sampleReaders.map(({ address }) => address)}::text[])
    order by d.subscriber_id, d.local_date desc`.execute(ctx.db);
  return rows.map((row) => ({
    ...row,
    name: sampleReaders.find(({ address }) => address === row.address)!.name,
  }));
}

async function sayWhere(ctx: Context): Promise<void> {
  const { publicUrl, operatorPassword, operatorPasswordIsNew, operatorPasswordFile, keys, dataDir } =
    ctx.config;
  const reader = await ctx.db
    .selectFrom('subscribers')
    .select(['id', 'address_version'])
    .where('status', '=', 'active')
    .orderBy('id')
    .executeTakeFirst();
  say(`Read the mail   ${publicUrl}/mailbox`);
  if (reader) {
    const token = signToken(keys[0], {
      purpose: 'preferences',
      subscriberId: reader.id,
      addressVersion: reader.address_version,
    });
    say(`Your topics     ${publicUrl}/preferences/${token}`);
  }
  const password = operatorPasswordIsNew
    ? `(password ${operatorPassword})`
    : `(the password is ${operatorPasswordFile ? `in ${operatorPasswordFile}` : 'OPERATOR_PASSWORD'})`;
  say(`Operators       ${publicUrl}/operators   ${password}`);
  if (operatorPasswordIsNew) passwordWasShown(dataDir);
}

function shortDate(day: string): string {
  const format = { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', format).replace(',', '');
}

const columnCharacters = 26;

function done(what: string, detail: string): void {
  say(`✓ ${what.padEnd(columnCharacters - 2)} ${detail}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
