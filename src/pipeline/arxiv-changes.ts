/**
 * A part of ingest: once a night, what changed on arXiv in papers that we have: new versions, withdrawals, deletions. A
 * withdrawn paper leaves the digests that are not sent yet when their batch is frozen.
 *
 * What was read is one transaction, and so is the day up to which it is known: it dies half-way and is read again.
 */
import type { Context } from '../context.ts';
import { matchPapers } from '../db/matches.ts';
import { findKnownKeys, upsertPapers, withdrawPapers } from '../db/papers.ts';
import { keepAnswer } from '../db/raw-answers.ts';
import { noteChecked, noteCheckTried, readSourceCheck, type SourceCheck } from '../db/source-checks.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import type { Rejection } from '../domain/paper.ts';
import { arxivPrefix } from '../sources/arxiv-api.ts';
import { parseChanges, readChanges } from '../sources/arxiv-changes.ts';
import { type Answer, SourceError } from '../sources/source.ts';
import { arxivGate } from './open-source.ts';

/** Under this the answers are kept: `arxiv-changes:cs.LG`. */
export const changesPrefix = 'arxiv-changes:';
/** The night's work of arXiv is done by then, in summer and winter. */
const checkedFrom = '06:30';
const tryAgainMs = 3_600_000;

export interface Changed {
  updated: number;
  unchanged: number;
  rejected: Rejection[];
}

/** Reads the changes of every arXiv source where it is time. A source that fails is tried again in an hour. */
export async function checkRecentChanges(ctx: Context): Promise<void> {
  for (const source of ctx.config.sources.filter((name) => name.startsWith(arxivPrefix))) {
    const now = ctx.now();
    const check = await readSourceCheck(ctx.db, source);
    if (!isCheckDue(now, check)) continue;
    await noteCheckTried(ctx.db, source, now);
    try {
      const { rejected, ...counts } = await checkChanges(ctx, source, check?.through ?? undefined);
      ctx.log.info({ source, ...counts, rejected: rejected.length }, 'changes read');
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      ctx.log.warn({ source, reason: error.message }, 'the changes of a source could not be read');
    }
  }
}

/** Once a day after 06:30 UTC, until yesterday's changes are known; every hour at most. */
export function isCheckDue(now: Date, check: SourceCheck | undefined): boolean {
  if (now.toISOString().slice(11, 16) < checkedFrom) return false;
  if (!check) return true;
  const isKnown = check.through !== null && check.through >= addDays(utcDate(now), -1);
  return !isKnown && now.getTime() - check.triedAt.getTime() >= tryAgainMs;
}

/** What changed since a day, that day included. `source` is `arxiv:cs.LG+cs.CV`. */
async function checkChanges(ctx: Context, source: string, since: string | undefined): Promise<Changed> {
  const readAt = ctx.now();
  const yesterday = addDays(utcDate(readAt), -1);
  const day = since ?? yesterday;
  const categories = source.slice(arxivPrefix.length);
  const access = { baseUrl: ctx.config.arxivBaseUrl, categories, gate: arxivGate(ctx) };
  const answer = await readChanges(access, day, ctx.signal);
  await keepAnswer(ctx.db, { source: `${changesPrefix}${categories}`, day, readAt, ...answer });
  return storeChanges(ctx, answer, { day, readAt, known: { source, through: yesterday } });
}

/** The changes of an answer, of papers that we have; `known` says how far a source is known by them. */
export async function storeChanges(
  ctx: Context,
  answer: Answer,
  { day, readAt, known }: { day: string; readAt: Date; known?: { source: string; through: string } },
): Promise<Changed> {
  const { papers, rejected, deleted = [] } = parseChanges(answer, day);
  return ctx.db.transaction().execute(async (trx) => {
    const ours = await findKnownKeys(
      trx,
      papers.map(({ key }) => key),
    );
    const changed = papers.filter(({ key }) => ours.has(key));
    const { changedIds, updated, unchanged } = await upsertPapers(trx, 'arxiv', changed, readAt);
    const withdrawn = await withdrawPapers(trx, deleted, readAt);
    await matchPapers(trx, changedIds);
    if (known) await noteChecked(trx, known.source, known.through);
    return { updated: updated + withdrawn.length, unchanged, rejected };
  });
}
