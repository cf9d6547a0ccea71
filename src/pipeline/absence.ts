import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { arxivKey, parseArxivId } from '../domain/arxiv-id.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import { candidateDays } from '../domain/ranking.ts';
import { type Absence, whyNot } from '../domain/why-not.ts';
import { wishOf } from './composition.ts';
import { type Outlook, readOutlook } from './outlook.ts';

/** Why a paper is not in somebody's next digest. */
export type PaperAbsence = Reason & { title: string; key: string };

type Reason =
  | Exclude<Absence, { because: 'twin' }>
  | { because: 'twin'; twinTitle: string }
  | { because: 'seen' | 'refused' | 'withdrawn' | 'unlisted' | 'not_yet' | 'too_old' }
  | { because: 'muted'; topic: string };

/**
 * Answers "why not that one?" for a subscriber's next digest, from what decides it. `asked` is a paper's key, its arXiv
 * identifier or address, or our own page's address; `unknown` for a paper that no source has told of.
 */
export async function explainAbsence(
  ctx: Context,
  subscriberId: number,
  asked: string,
): Promise<PaperAbsence | 'unknown' | undefined> {
  const outlook = await readOutlook(ctx, subscriberId);
  if (!outlook) return undefined;
  const paper = await findPaper(ctx, asked);
  if (!paper) return 'unknown';
  const { title, key } = paper;
  const reason = await reasonFor(ctx, outlook, paper);
  return { title, key, ...reason };
}

interface FoundPaper {
  id: number;
  key: string;
  title: string;
  listedOn: string | null;
  isWithdrawn: boolean;
}

async function reasonFor(ctx: Context, outlook: Outlook, paper: FoundPaper): Promise<Reason> {
  const { reader, index, seen, candidates, next } = outlook;
  if (paper.isWithdrawn) return { because: 'withdrawn' };
  if (seen.has(paper.id)) return { because: 'seen' };
  if (reader.refused.includes(paper.id)) return { because: 'refused' };
  if (!candidates.papers.has(paper.id)) return { because: tooEarlyOrLate(paper, next.at) };
  const mutedId = reader.muted.find((id) => index.topics.get(id)?.paperIds.includes(paper.id));
  if (mutedId !== undefined) return { because: 'muted', topic: await nameOfTopic(ctx, mutedId) };
  const absence = whyNot(index, wishOf(reader, index, seen, outlook.taste), paper.id);
  if (absence.because !== 'twin') return absence;
  return { because: 'twin', twinTitle: await titleOf(ctx, absence.twinId) };
}

function tooEarlyOrLate({ listedOn }: FoundPaper, at: Date): 'unlisted' | 'too_old' | 'not_yet' {
  if (listedOn === null) return 'unlisted';
  return listedOn < addDays(utcDate(at), -candidateDays) ? 'too_old' : 'not_yet';
}

async function findPaper(ctx: Context, asked: string): Promise<FoundPaper | undefined> {
  const bare = asked.trim().replace(/^https?:\/\/[^/]*(?:\/papers?)\//i, '');
  const id = parseArxivId(bare)?.id;
  const { rows } = await sql<FoundPaper>`
    select id, key, title, first_listed_on "listedOn", withdrawn_at is not null "isWithdrawn" from papers
    where key = ${id === undefined ? bare.slice(0, keyCharactersMax) : arxivKey(id)} and hidden_at is null
  `.execute(ctx.db);
  return rows[0];
}
const keyCharactersMax = 300;

async function nameOfTopic(ctx: Context, topicId: number): Promise<string> {
  const row = await ctx.db.selectFrom('topics').select('name').where('id', '=', topicId).executeTakeFirst();
  return row?.name ?? '';
}

async function titleOf(ctx: Context, paperId: number): Promise<string> {
  const row = await ctx.db.selectFrom('papers').select('title').where('id', '=', paperId).executeTakeFirst();
  return row?.title ?? '';
}
