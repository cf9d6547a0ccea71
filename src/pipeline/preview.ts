import type { Context } from '../context.ts';
import type { Reader } from '../db/readers.ts';
import type { Choices } from '../domain/choices.ts';
import { pack } from '../domain/digest.ts';
import type { DigestTokens } from '../domain/tokens.ts';
import { readMail } from '../render/mail.ts';
import { assembleMails } from './assembly.ts';
import { readCardPapers } from './card-papers.ts';
import { composeFragments } from './composition.ts';
import { selectPapers } from './selection.ts';
import { readOutlook } from './outlook.ts';
import { describe, type PreviewedPaper } from './previewed-paper.ts';
import { currentShellId } from './shell.ts';

export type Preview =
  | {
      localDate: string;
      at: Date;
      subject: string;
      html: string;
      text: string;
      bytes: Buffer;
      papers: PreviewedPaper[];
    }
  | { localDate: string; at: Date; skipped: 'nothing_new' }
  | undefined;

/**
 * A subscriber's next digest: the very bytes that would go out, made by the code that will make them, from the papers
 * known now. With `tokens`, the reader's own links are replaced, for eyes other than theirs; with `unsaved`, it is the digest
 * that these choices would bring. Undefined when there is no such subscriber.
 */
export async function previewDigest(
  ctx: Context,
  subscriberId: number,
  tokens?: DigestTokens,
  unsaved?: Choices,
): Promise<Preview> {
  const outlook = await readOutlook(ctx, subscriberId, unsaved);
  if (!outlook) return undefined;
  const { next, reader, candidates, index, seen, taste } = outlook;
  const chosen = selectPapers(reader, index, seen, taste);
  const { localDate, at } = next;
  if (chosen.length === 0 && !reader.wantsNote) return { localDate, at, skipped: 'nothing_new' };
  const papers = await readCardPapers(
    ctx,
    chosen.map(({ paperId }) => paperId),
  );
  const composition = await composeFragments(ctx, reader, chosen, { localDate, candidates, papers });
  const bytes = await mailOf(ctx, reader, { localDate, composition: pack(composition) }, tokens);
  const { subject, html, text } = readMail(bytes);
  return {
    localDate,
    at,
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
  made: { localDate: string; composition: Buffer },
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
