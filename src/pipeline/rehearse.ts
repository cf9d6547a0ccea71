/**
 * Rehearse: who would get what in an edition, and why not, by the very code that plans and composes. It writes nothing,
 * not even a fragment, so it may be cut off anywhere and run beside the real thing.
 */
import type { Context } from '../context.ts';
import { readLedger } from '../db/ledger.ts';
import {
  countPapersPerDigest,
  listDueSubscribers,
  listUpcomingSlots,
  type UpcomingSlot,
} from '../db/upcoming.ts';
import { addDays, tooLateMs, utcDate } from '../domain/cadence.ts';
import { batchMembersMax, rangeSubscribersMax } from '../domain/digest.ts';
import { addCounts, type Ledger } from '../domain/ledger.ts';
import { readMail } from '../render/mail.ts';
import { assembleMails } from './assembly.ts';
import { blankTokens } from '../press/mailed-digest.ts';
import { type Due, dueOn, judgeAudience } from './audience.ts';
import { readCardPapers } from './card-papers.ts';
import { type ComposedEdition, composeUnstored, type Member } from './composition.ts';
import { type Decided, decideUnplanned } from './decision.ts';
import type { Candidates } from './edition-index.ts';
import { openScratchFragments } from './scratch-fragments.ts';
import { currentShellId } from './shell.ts';

export interface RehearsedReader {
  email: string;
  papers: string[];
  skipped: string | null;
}

export interface Rehearsal {
  date: string;
  /** Everyone due on that date: those of the ledger so far, and those still to come. */
  audience: number;
  /** What became of those whose slot has come already; null where the edition has not begun. */
  sofar: Ledger | null;
  toCome: number;
  /** How many of those to come were rehearsed: all of them, unless it was bounded. */
  rehearsed: number;
  wouldGet: number;
  skipped: Record<string, number>;
  /** Number of papers → number of digests, of those to come. */
  papersPerDigest: Record<string, number>;
  /** Of the HTML parts of those to come; null where there are none. */
  htmlBytes: { smallest: number; median: number; largest: number } | null;
  /** The papers that most would get. */
  topPapers: { key: string; title: string; digests: number }[];
  dayBefore: { ledger: Ledger; papersPerDigest: Record<string, number> } | null;
  warnings: string[];
  readers?: RehearsedReader[];
}

interface Tally {
  rehearsed: number;
  skipped: Record<string, number>;
  papersPerDigest: Record<string, number>;
  sizes: number[];
  papers: Map<number, number>;
  readers: RehearsedReader[] | undefined;
}

const topPapersMax = 10;

/**
 * Rehearses the edition of a date, or of the next one that comes; `each` names every reader as well. With `readersMax` only
 * the longest subscribed of each moment are rehearsed, about so many in all.
 */
export async function rehearse(
  ctx: Context,
  wish: { date?: string | undefined; each?: boolean; readersMax?: number } = {},
): Promise<Rehearsal | undefined> {
  const slots = await listUpcomingSlots(ctx.db);
  const date = wish.date ?? nextDate(ctx, slots);
  if (date === undefined) return undefined;
  const scratch: Context = { ...ctx, fragments: openScratchFragments() };
  const tally: Tally = {
    rehearsed: 0,
    skipped: {},
    papersPerDigest: {},
    sizes: [],
    papers: new Map(),
    readers: wish.each ? [] : undefined,
  };
  const moments = dueOn(slots, date);
  const eachMax = Math.ceil((wish.readersMax ?? Infinity) / Math.max(1, moments.length));
  for (const due of moments) await rehearseSlots(scratch, due, { date, eachMax }, tally);
  return report(ctx, date, tally);
}

/** Today's, where some of it is still to come; otherwise the next that will be. */
function nextDate(ctx: Context, slots: readonly UpcomingSlot[]): string | undefined {
  const dates = slots.map(({ nextLocalDate }) => nextLocalDate);
  const today = utcDate(ctx.now());
  return dates.includes(today) ? today : dates.toSorted()[0];
}

async function rehearseSlots(
  ctx: Context,
  due: Due,
  { date, eachMax }: { date: string; eachMax: number },
  tally: Tally,
): Promise<void> {
  const madeAt = new Date(Math.max(due.at.getTime(), ctx.now().getTime()));
  const candidates = await ctx.indexes.at(madeAt);
  const isTooLate = madeAt.getTime() - due.at.getTime() > tooLateMs;
  let after = 0;
  let left = eachMax;
  while (left > 0) {
    const limit = Math.min(left, rangeSubscribersMax);
    const ids = await listDueSubscribers(ctx.db, { ...due, date, after, limit });
    if (ids.length === 0) return;
    after = ids.at(-1)!;
    left -= ids.length;
    if (isTooLate) {
      tally.rehearsed += ids.length;
      addCounts(tally.skipped, { too_late: ids.length });
      continue;
    }
    const range = { editionDate: date, slotIds: due.slotIds, fromId: ids[0]!, toId: after, madeAt };
    const decided = await decideUnplanned(ctx, range, candidates);
    await count(ctx, decided, date, candidates, tally);
  }
}

async function count(
  ctx: Context,
  decided: readonly Decided[],
  localDate: string,
  candidates: Candidates,
  tally: Tally,
): Promise<void> {
  tally.rehearsed += decided.length;
  const papers = await readCardPapers(
    ctx,
    decided.flatMap(({ chosen }) => chosen.map(({ paperId }) => paperId)),
  );
  for (const { reader, skipped, chosen } of decided) {
    const keys = chosen.map(({ paperId }) => papers.get(paperId)!.key);
    tally.readers?.push({ email: reader.address, papers: skipped ? [] : keys, skipped });
    if (skipped) {
      addCounts(tally.skipped, { [skipped]: 1 });
      continue;
    }
    addCounts(tally.papersPerDigest, { [chosen.length]: 1 });
    for (const { paperId } of chosen) tally.papers.set(paperId, (tally.papers.get(paperId) ?? 0) + 1);
  }
  const members = decided.filter(({ skipped }) => skipped === null);
  tally.sizes.push(...(await measureSizes(ctx, members, { localDate, candidates, papers })));
}

/** What the HTML of their mails would weigh. */
async function measureSizes(
  ctx: Context,
  members: readonly Member[],
  edition: ComposedEdition,
): Promise<number[]> {
  const digests = await composeUnstored(ctx, members, edition);
  const shellId = await currentShellId(ctx);
  const sizes: number[] = [];
  for (let at = 0; at < digests.length; at += batchMembersMax) {
    const some = digests.slice(at, at + batchMembersMax);
    for (const bytes of await assembleMails(ctx, shellId, some, blankTokens))
      sizes.push(Buffer.byteLength(readMail(bytes).html));
  }
  return sizes;
}

async function report(ctx: Context, date: string, tally: Tally): Promise<Rehearsal> {
  const { rehearsed, skipped, papersPerDigest, readers } = tally;
  const sofar = await ledgerOf(ctx, date);
  const before = await ledgerOf(ctx, addDays(date, -1));
  const { audience, warning } = await judgeAudience(ctx.db, date);
  const sizes = tally.sizes.toSorted((a, b) => a - b);
  return {
    date,
    audience,
    sofar: sofar ?? null,
    toCome: audience - (sofar?.audience ?? 0),
    rehearsed,
    wouldGet: sizes.length,
    skipped,
    papersPerDigest,
    htmlBytes:
      sizes.length === 0
        ? null
        : { smallest: sizes[0]!, median: sizes[sizes.length >> 1]!, largest: sizes.at(-1)! },
    topPapers: await nameTop(ctx, tally.papers),
    dayBefore: before
      ? { ledger: before, papersPerDigest: await countPapersPerDigest(ctx.db, before.date) }
      : null,
    warnings: warning ? [warning] : [],
    ...(readers && { readers }),
  };
}

async function ledgerOf(ctx: Context, date: string): Promise<Ledger | undefined> {
  const edition = await ctx.db
    .selectFrom('editions')
    .select('date')
    .where('date', '=', date)
    .executeTakeFirst();
  return edition && readLedger(ctx.db, date);
}

async function nameTop(ctx: Context, counts: ReadonlyMap<number, number>): Promise<Rehearsal['topPapers']> {
  const top = [...counts].toSorted((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, topPapersMax);
  const papers = await readCardPapers(
    ctx,
    top.map(([id]) => id),
  );
  return top.map(([id, digests]) => ({ key: papers.get(id)!.key, title: papers.get(id)!.title, digests }));
}
