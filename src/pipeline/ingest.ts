/**
 * Step 1 of 6: takes a source and a day (or a file), leaves papers, listings, snapshots and matches.
 *
 * Everything of one reading is one transaction: it dies half-way and nothing of it happened; run again, it finds the
 * same rows and changes nothing. Reading itself happens before the transaction, so a slow source holds no lock.
 */
import type { Context } from '../context.ts';
import { matchPapers } from '../db/matches.ts';
import { upsertPapers } from '../db/papers.ts';
import { readDayState, recordDayRead } from '../db/source-days.ts';
import type { PaperRecord, Rejection } from '../domain/paper.ts';
import { readPaperFile } from '../sources/file.ts';
import { huggingfaceSource } from '../sources/huggingface-api.ts';
import { sampleSource } from '../sources/sample.ts';
import { type Source, SourceError } from '../sources/source.ts';

export interface IngestResult {
  added: number;
  updated: number;
  unchanged: number;
  rejected: Rejection[];
}

/** Reads one day (`YYYY-MM-DD`, UTC) of a source. Throws SourceError, after noting the failure, when it cannot be read. */
export async function ingest(ctx: Context, job: { source: string; day: string }): Promise<IngestResult> {
  const source = openSource(ctx, job.source);
  const reading = await source.read(job.day, ctx.signal).catch(async (error: unknown) => {
    if (error instanceof SourceError) await noteFailure(ctx, job, error);
    throw error;
  });
  return store(ctx, {
    source: source.name,
    papers: reading.papers,
    rejected: reading.rejected,
    days: [job.day],
    state: reading.closed ? 'complete' : 'partial',
  });
}

/** Reads a whole file: the closed list of its day or days. Throws SourceError when it is no file of papers. */
export async function ingestFile(
  ctx: Context,
  path: string,
  options: { date?: string | undefined } = {},
): Promise<IngestResult> {
  const today = ctx.now().toISOString().slice(0, 10);
  const { source, papers, rejected, days } = await readPaperFile(path, { date: options.date, today });
  return store(ctx, { source, papers, rejected, days, state: 'complete' });
}

/**
 * What the scheduler asks for again and again, of every source: the days that ended lately until their lists are
 * complete, and today as far as it goes, for the votes. A source that fails is noted with its day and does not stop
 * the others.
 */
export async function ingestRecent(ctx: Context): Promise<void> {
  for (const name of ctx.config.sources) {
    for (const day of await daysToRead(ctx, name)) {
      try {
        const { rejected, ...counts } = await ingest(ctx, { source: name, day });
        ctx.log.info({ source: name, day, ...counts, rejected: rejected.length }, 'papers read');
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        ctx.log.warn({ source: name, day, reason: error.message }, 'a source could not be read');
      }
    }
  }
}

/** The newest first. The day before is read again until morning even when complete: late papers come in after midnight. */
async function daysToRead(ctx: Context, source: string): Promise<string[]> {
  const now = ctx.now();
  const days: string[] = [];
  for (let ago = 1; ago <= daysAgoMax; ago += 1) {
    const day = dayOf(new Date(now.getTime() - ago * dayMs));
    const isLate = ago === 1 && now.getUTCHours() < settledAtHour;
    if (isLate || (await readDayState(ctx.db, source, day)) !== 'complete') days.push(day);
  }
  return [...days.slice(0, 1), dayOf(now), ...days.slice(1)];
}

/** How far back a start after an outage looks for lists it missed. */
const daysAgoMax = 3;
const settledAtHour = 7;

/** What a job of the queue asks for: one day of one source, or whatever is due everywhere. */
export async function ingestJob(ctx: Context, job: { source?: string; day?: string }): Promise<void> {
  if (job.source && job.day) await ingest(ctx, { source: job.source, day: job.day });
  else await ingestRecent(ctx);
}

const dayMs = 86_400_000;
const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** The source of a name; throws when there is none. */
export function openSource(ctx: Context, name: string): Source {
  const now = (): Date => ctx.now();
  if (name === 'huggingface') return huggingfaceSource({ baseUrl: ctx.config.huggingfaceBaseUrl, now });
  if (name === 'sample') return sampleSource();
  throw new SourceError('refused', `There is no source "${name}"; known are huggingface and sample.`);
}

interface Stored {
  source: string;
  papers: readonly PaperRecord[];
  rejected: Rejection[];
  days: readonly string[];
  state: 'complete' | 'partial';
}

async function store(ctx: Context, reading: Stored): Promise<IngestResult> {
  const { source, papers, rejected, days, state } = reading;
  const readAt = ctx.now();
  return ctx.db.transaction().execute(async (trx) => {
    const { changedIds, ...counts } = await upsertPapers(trx, source, papers, readAt);
    await matchPapers(trx, changedIds);
    for (const day of days) {
      const note = rejected.length > 0 ? `${rejected.length} records rejected` : undefined;
      await recordDayRead(trx, { source, day, state, readAt, ...(note !== undefined && { note }) });
    }
    return { ...counts, rejected };
  });
}

async function noteFailure(
  ctx: Context,
  job: { source: string; day: string },
  error: SourceError,
): Promise<void> {
  await recordDayRead(ctx.db, {
    ...job,
    state: 'failed',
    readAt: ctx.now(),
    note: error.message.slice(0, 300),
  });
}
