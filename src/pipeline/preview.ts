import type { Context } from '../context.ts';
import { readHistory } from '../db/digests.ts';
import { type Reader, readReader } from '../db/readers.ts';
import { findById } from '../db/subscribers.ts';
import { pack } from '../domain/digest.ts';
import { readMail } from '../render/mail.ts';
import { assembleMails, type DigestTokens } from './assembly.ts';
import { type ChosenPaper, composeFragments, readCardPapers, selectPapers } from './composition.ts';
import { nextDigest } from './schedule.ts';
import { currentShellId } from './shell.ts';

export interface PreviewedPaper {
  key: string;
  title: string;
  topics: string[];
  score: number;
  why: string;
}

export type Preview =
  | {
      localDate: string;
      subject: string;
      html: string;
      text: string;
      bytes: Buffer;
      papers: PreviewedPaper[];
    }
  | { localDate: string; skipped: 'nothing_new' }
  | undefined;

/**
 * A subscriber's next digest: the very bytes that would go out, made by the code that will make them, from the papers
 * known now. With `tokens`, the reader's own links are replaced, for eyes other than theirs. Undefined when there is no such subscriber.
 */
export async function previewDigest(
  ctx: Context,
  subscriberId: number,
  tokens?: DigestTokens,
): Promise<Preview> {
  const [reader, subscriber] = await Promise.all([
    readReader(ctx.db, subscriberId),
    findById(ctx.db, subscriberId),
  ]);
  if (!reader || !subscriber) return undefined;
  const next = nextDigest({ ...subscriber, status: 'active' })!;
  const moment = new Date(Math.max(ctx.now().getTime(), next.at.getTime()));
  const candidates = await ctx.indexes.at(moment);
  const histories = await readHistory(ctx.db, { fromId: reader.id, toId: reader.id }, next.localDate);
  const chosen = selectPapers(reader, candidates.index, histories.get(reader.id)?.seen ?? new Set());
  const { localDate } = next;
  if (chosen.length === 0) return { localDate, skipped: 'nothing_new' };
  const papers = await readCardPapers(
    ctx,
    chosen.map(({ paperId }) => paperId),
  );
  const composition = await composeFragments(ctx, reader, chosen, { localDate, candidates, papers });
  const bytes = await mailOf(ctx, reader, { localDate, composition: pack(composition) }, tokens);
  const { subject, html, text } = readMail(bytes);
  return {
    localDate,
    subject,
    html,
    text,
    bytes,
    papers: chosen.map((choice) => describe(choice, papers.get(choice.paperId)!)),
  };
}

async function mailOf(
  ctx: Context,
  reader: Reader,
  made: { localDate: string; composition: number[] },
  tokens: DigestTokens | undefined,
): Promise<Buffer> {
  const digest = {
    subscriberId: reader.id,
    ...made,
    address: reader.address,
    addressVersion: reader.addressVersion,
    keyId: ctx.config.keys[0].id,
  };
  const [bytes] = await assembleMails(ctx, await currentShellId(ctx), [digest], tokens);
  return bytes!;
}

function describe(choice: ChosenPaper, paper: { key: string; title: string; votes: number }): PreviewedPaper {
  const matched = choice.reasons
    .map(({ name, inTitle }) => `${name}${inTitle ? ' in the title' : ''}`)
    .join(', ');
  const votes = paper.votes === 1 ? '1 vote' : `${paper.votes} votes`;
  return {
    key: paper.key,
    title: paper.title,
    topics: choice.reasons.map(({ name }) => name),
    score: Math.round(choice.score * 10_000) / 10_000,
    why: `matched ${matched || 'nothing'}; ${votes}`,
  };
}
