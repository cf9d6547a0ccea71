/**
 * Step 1 of 6: takes a source and a day (or a file), leaves papers, listings, snapshots and matches.
 *
 * Everything of one reading is one transaction: it dies half-way and nothing of it happened; run again, it finds the
 * same rows and changes nothing. Reading itself happens before the transaction, so a slow source holds no lock. The
 * answer is kept as it came before anybody looks into it: what a crash or a fault of ours leaves out, `ingestAgain` finds.
 */
import type { Context } from '../context.ts';
import { matchPapers } from '../db/matches.ts';
import { upsertPapers, withdrawPapers } from '../db/papers.ts';
import { keepAnswer, listAnswers, type RawAnswer, readAnswer, readTaggedAnswer } from '../db/raw-answers.ts';
import { readDaysKnown, recordDayRead } from '../db/source-days.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import type { PaperRecord, Rejection } from '../domain/paper.ts';
import { arxivPrefix } from '../sources/arxiv-api.ts';
import { readPaperFile } from '../sources/file.ts';
import { type Answer, type DayReading, type Source, SourceError } from '../sources/source.ts';
import { judgeAnnouncement, type Verdict } from './announcement.ts';
import { readMeanings } from './meanings.ts';
import { changesPrefix, checkRecentChanges, storeChanges } from './arxiv-changes.ts';
import { openSource } from './open-source.ts';
import { fetchPictures } from './pictures.ts';
import { rejectionNote } from './rejection-note.ts';
import { fetchWantedPapers } from './wanted-papers.ts';
import { daysBackMax, daysDue, quietDay } from './reading-times.ts';

export interface IngestResult {
  added: number;
  updated: number;
  unchanged: number;
  rejected: Rejection[];
}

/** Reads one day (`YYYY-MM-DD`, UTC) of a source. Throws SourceError, after noting the failure, when it cannot be read. */
export async function ingest(ctx: Context, job: { source: string; day: string }): Promise<IngestResult> {
  const source = openSource(ctx, job.source);
  const readAt = ctx.now();
  const archive = {
    newest: await readTaggedAnswer(ctx.db, source.name),
    async keep(answer: Answer): Promise<void> {
      const isKept = await keepAnswer(ctx.db, { source: source.name, day: job.day, readAt, ...answer });
      if (!isKept) ctx.log.warn({ source: source.name, day: job.day }, 'an answer is too large to be kept');
    },
  };
  const reading = await source.read(job.day, ctx.signal, archive).catch(async (error: unknown) => {
    if (error instanceof SourceError) await noteFailure(ctx, job, error);
    throw error;
  });
  return storeReading(ctx, source, job.day, reading, readAt);
}

/** Reads a whole file: the closed list of its day or days. Throws SourceError when it is no file of papers. */
export async function ingestFile(
  ctx: Context,
  path: string,
  options: { date?: string | undefined } = {},
): Promise<IngestResult> {
  const today = utcDate(ctx.now());
  const { source, papers, rejected, deleted, days } = await readPaperFile(path, {
    date: options.date,
    today,
  });
  const verdict = {
    papers,
    days: days.map((day) => ({ day, state: 'complete' as const, ...rejectionNote(rejected) })),
  };
  return store(ctx, { source, ...verdict, rejected, deleted: deleted ?? [], readAt: ctx.now() });
}

/**
 * Parses the answers kept of the last 30 days again, in the order they came, with the present parser. What newer readings
 * told stays. An answer that makes no sense still is rejected by its place, from 0.
 */
export async function ingestAgain(
  ctx: Context,
  wanted: { source?: string | undefined; day?: string | undefined } = {},
): Promise<IngestResult> {
  const total: IngestResult = { added: 0, updated: 0, unchanged: 0, rejected: [] };
  for (const [index, id] of (await listAnswers(ctx.db, wanted)).entries()) {
    const answer = await readAnswer(ctx.db, id);
    if (!answer) continue;
    try {
      const { rejected, ...counts } = await storeAgain(ctx, answer);
      total.added += counts.added;
      total.updated += counts.updated;
      total.unchanged += counts.unchanged;
      total.rejected.push(...rejected);
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      total.rejected.push({ index, reason: error.message });
    }
  }
  return total;
}

async function storeAgain(ctx: Context, answer: RawAnswer): Promise<IngestResult> {
  const { source: name, day, readAt } = answer;
  if (name.startsWith(changesPrefix))
    return { added: 0, ...(await storeChanges(ctx, answer, { day, readAt })) };
  const source = openSource(ctx, name);
  return storeReading(ctx, source, day, source.reread(day, answer), readAt);
}

/**
 * What the scheduler asks for again and again, of every source: whatever is due by now. A source that fails is noted
 * with its day and does not stop the others.
 */
export async function ingestRecent(ctx: Context): Promise<void> {
  const now = ctx.now();
  for (const name of ctx.config.sources) {
    const known = await readDaysKnown(ctx.db, name, addDays(utcDate(now), -daysBackMax));
    const quiet = quietDay(name, now);
    if (quiet && !known.has(quiet.day)) await recordDayRead(ctx.db, { source: name, ...quiet, readAt: now });
    for (const day of daysDue(name, now, known)) {
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

/** What a job of the queue asks for: one day of one source, or whatever is due everywhere, and what comes with it: vectors and pictures. */
export async function ingestJob(ctx: Context, job: { source?: string; day?: string }): Promise<void> {
  if (job.source && job.day) await ingest(ctx, { source: job.source, day: job.day });
  else {
    await ingestRecent(ctx);
    await checkRecentChanges(ctx);
    await readMeanings(ctx);
    await fetchWantedPapers(ctx);
    await fetchPictures(ctx);
  }
}

async function storeReading(
  ctx: Context,
  source: Source,
  day: string,
  reading: DayReading,
  readAt: Date,
): Promise<IngestResult> {
  const { rejected, deleted = [] } = reading;
  const verdict: Verdict = source.name.startsWith(arxivPrefix)
    ? await judgeAnnouncement(ctx.db, source.name, day, reading)
    : {
        papers: reading.papers,
        days: [{ day, state: reading.closed ? 'complete' : 'partial', ...rejectionNote(rejected) }],
      };
  for (const { day: listed, state, note } of verdict.days) {
    if (state === 'complete' || state === 'holiday' || note === undefined) continue;
    ctx.log.error({ source: source.name, day: listed, state }, `the list of a day is ${state}: ${note}`);
  }
  return store(ctx, { source: source.name, ...verdict, rejected, deleted, readAt });
}

interface Stored extends Verdict {
  source: string;
  papers: readonly PaperRecord[];
  rejected: Rejection[];
  deleted: readonly string[];
  readAt: Date;
}

async function store(ctx: Context, reading: Stored): Promise<IngestResult> {
  const { source, papers, rejected, deleted, days, readAt } = reading;
  return ctx.db.transaction().execute(async (trx) => {
    const { changedIds, ...counts } = await upsertPapers(trx, source, papers, readAt);
    const withdrawn = await withdrawPapers(trx, deleted, readAt);
    counts.updated += withdrawn.length;
    await matchPapers(trx, changedIds);
    for (const day of days) await recordDayRead(trx, { source, ...day, readAt });
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
