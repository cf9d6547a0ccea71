import type { Context } from '../context.ts';
import { findPaperByKey, findPapersByTitle, type NamedPaper } from '../db/papers-by-title.ts';
import { arxivKey, parseArxivId } from '../domain/arxiv-id.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import { candidateDays } from '../domain/ranking.ts';
import { type Absence, whyNot } from '../domain/why-not.ts';
import { wishOf } from './selection.ts';
import { type Outlook, readOutlook } from './outlook.ts';

/** Why a paper is not in somebody's next digest. */
export type PaperAbsence = Reason & { title: string; key: string };

type Reason =
  | Exclude<Absence, { because: 'twin' }>
  | { because: 'twin'; twinTitle: string }
  | { because: 'seen' | 'refused' | 'withdrawn' | 'unlisted' | 'not_yet' | 'too_old' }
  | { because: 'muted'; topic: string };

/** Several papers that may be meant; whoever asked says which. */
export interface SeveralPapers {
  several: { title: string; key: string }[];
}

/**
 * Answers "why not that one?" for a subscriber's next digest, from what decides it. `asked` is a paper's key, its arXiv
 * identifier or address, our own page's address, or its title, or most of that; `unknown` for a paper that no source has
 * told of.
 */
export async function explainAbsence(
  ctx: Context,
  subscriberId: number,
  asked: string,
): Promise<PaperAbsence | SeveralPapers | 'unknown' | undefined> {
  const outlook = await readOutlook(ctx, subscriberId);
  if (!outlook) return undefined;
  const found = await findPapers(ctx, asked, outlook.next.at);
  if (found.length > 1) return { several: found.map(({ title, key }) => ({ title, key })) };
  const [paper] = found;
  if (!paper) return 'unknown';
  const { title, key } = paper;
  const reason = await reasonFor(ctx, outlook, paper);
  return { title, key, ...reason };
}

async function reasonFor(ctx: Context, outlook: Outlook, paper: NamedPaper): Promise<Reason> {
  const { reader, index, seen, candidates, next } = outlook;
  if (paper.isWithdrawn) return { because: 'withdrawn' };
  if (seen.includes(paper.id)) return { because: 'seen' };
  if (reader.refused.includes(paper.id)) return { because: 'refused' };
  if (!candidates.papers.has(paper.id)) return { because: tooEarlyOrLate(paper, next.at) };
  const mutedId = reader.muted.find((id) => index.topics.get(id)?.paperIds.includes(paper.id));
  if (mutedId !== undefined) return { because: 'muted', topic: await nameOfTopic(ctx, mutedId) };
  const absence = whyNot(index, wishOf(reader, index, seen, outlook.taste), paper.id);
  if (absence.because !== 'twin') return absence;
  return { because: 'twin', twinTitle: await titleOf(ctx, absence.twinId) };
}

function tooEarlyOrLate({ listedOn }: NamedPaper, at: Date): 'unlisted' | 'too_old' | 'not_yet' {
  if (listedOn === null) return 'unlisted';
  return listedOn < firstCandidateDay(at) ? 'too_old' : 'not_yet';
}

/** The first day whose papers are still candidates at a moment (RULES 2). */
function firstCandidateDay(at: Date): string {
  return addDays(utcDate(at), -candidateDays);
}

async function findPapers(ctx: Context, asked: string, at: Date): Promise<NamedPaper[]> {
  const bare = asked.trim().replace(/^https?:\/\/[^/]*(?:\/papers?)\//i, '');
  const id = parseArxivId(bare)?.id;
  const named = await findPaperByKey(
    ctx.db,
    id === undefined ? bare.slice(0, askedCharactersMax) : arxivKey(id),
  );
  if (named) return [named];
  const isTitle = id === undefined && !/^https?:/i.test(bare);
  if (!isTitle) return [];
  return findPapersByTitle(ctx.db, bare.slice(0, askedCharactersMax), { since: firstCandidateDay(at) });
}
/** No key is longer, and what of a title is longer tells no more. */
const askedCharactersMax = 300;

async function nameOfTopic(ctx: Context, topicId: number): Promise<string> {
  const row = await ctx.db.selectFrom('topics').select('name').where('id', '=', topicId).executeTakeFirst();
  return row?.name ?? '';
}

async function titleOf(ctx: Context, paperId: number): Promise<string> {
  const row = await ctx.db.selectFrom('papers').select('title').where('id', '=', paperId).executeTakeFirst();
  return row?.title ?? '';
}
