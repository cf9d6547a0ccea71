/**
 * Counts what the world said of editions, one a sweep, and keeps it: pages, metrics and plots read the count, not a million
 * digests, and have it still when those are gone. It may die anywhere: the next sweep counts again.
 */
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { findUncounted, keepEditionCounts } from '../db/edition-counts.ts';
import { packed } from '../db/digests.ts';
import { countEditionOutcomes, type EditionOutcomes } from '../db/edition-facts.ts';
import { utcDate } from '../domain/cadence.ts';
import { readMail } from '../render/mail.ts';
import { assembleMails } from './assembly.ts';
import { blankTokens, type MailedDigest } from '../press/mailed-digest.ts';

/** Reports on a mail come in for some days; after that a count hardly changes. */
export const livelyDays = 3;
const livelyMs = 10 * 60_000;
const quietMs = 12 * 3_600_000;
/** Far less than digests are kept. */
const countedDaysMax = 14;
/** Digests put together to learn how large they are: the first and the last of an edition. */
const sampledEachEnd = 25;

export async function keepCountsOfOne(ctx: Context): Promise<void> {
  const today = utcDate(ctx.now());
  const date = await findUncounted(ctx.db, { today, livelyDays, livelyMs, quietMs, daysMax: countedDaysMax });
  if (date !== undefined) await keepEditionCounts(ctx.db, date, await countEdition(ctx, date));
}

/** Everything that is counted of one edition. It only reads. */
export async function countEdition(ctx: Context, date: string): Promise<EditionOutcomes> {
  const outcomes = await countEditionOutcomes(ctx.db, date);
  return { ...outcomes, htmlBytes: await measureSizes(ctx, date) };
}

async function measureSizes(ctx: Context, date: string): Promise<EditionOutcomes['htmlBytes']> {
  const byShell = new Map<number, MailedDigest[]>();
  for (const end of ['asc', 'desc'] as const) {
    for (const { shellId, ...digest } of await sample(ctx, date, end)) {
      byShell.set(shellId, [...(byShell.get(shellId) ?? []), digest]);
    }
  }
  const sizes: number[] = [];
  for (const [shellId, digests] of byShell) {
    for (const bytes of await assembleMails(ctx, shellId, digests, blankTokens)) {
      sizes.push(Buffer.byteLength(readMail(bytes).html));
    }
  }
  sizes.sort((a, b) => a - b);
  return sizes.length === 0 ? null : { median: sizes[sizes.length >> 1]!, largest: sizes.at(-1)! };
}

async function sample(
  ctx: Context,
  date: string,
  end: 'asc' | 'desc',
): Promise<(MailedDigest & { shellId: number })[]> {
  const { rows } = await sql<MailedDigest & { shellId: number }>`
    select d.subscriber_id "subscriberId", d.local_date "localDate", ${packed('d')} composition, d.address,
      d.address_version "addressVersion", d.key_id "keyId", b.shell_id "shellId"
    from (select * from digests where local_date = ${date} and batch_id is not null and address is not null
      order by subscriber_id ${sql.raw(end)} limit ${sampledEachEnd}) d
    join batches b on b.id = d.batch_id and b.shell_id is not null`.execute(ctx.db);
  return rows;
}
