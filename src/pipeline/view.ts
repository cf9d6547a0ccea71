import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { readDigest } from '../db/digests.ts';
import type { TokenClaims } from '../domain/tokens.ts';
import { readMail } from '../render/mail.ts';
import { assembleMails } from './assembly.ts';
import { blankTokens, type MailedDigest } from '../press/mailed-digest.ts';
import { readFirstDigest } from './first-digest.ts';

export interface ViewedDigest {
  subject: string;
  html: string;
  text: string;
}

/**
 * The exact digest a token names, put together again from its row; the links that manage the account are blanked,
 * because this page may be passed on (RULES 22). Undefined when it is not there, or no longer.
 */
export async function viewDigest(ctx: Context, claims: TokenClaims): Promise<ViewedDigest | undefined> {
  if (!claims.localDate) return undefined;
  const { subscriberId, localDate } = claims;
  const found =
    (await findMailed(ctx, subscriberId, localDate)) ?? (await readFirst(ctx, subscriberId, localDate));
  if (!found) return undefined;
  const [bytes] = await assembleMails(
    ctx,
    found.shellId,
    [{ ...found.digest, address: 'reader@broadsheet.invalid' }],
    blankTokens,
  );
  const mail = readMail(bytes!);
  return { subject: mail.subject, html: mail.html, text: mail.text };
}

interface Mailed {
  shellId: number;
  digest: MailedDigest;
}

async function findMailed(
  ctx: Context,
  subscriberId: number,
  localDate: string,
): Promise<Mailed | undefined> {
  const digest = await readDigest(ctx.db, subscriberId, localDate);
  // Erased: the row still counts, and says nothing any more.
  if (!digest?.address) return undefined;
  const { rows } = await sql<{ shellId: number | null }>`
    select shell_id "shellId" from batches
    where coalesce(origin_id, id) = ${digest.batchId} and edition_date = ${digest.localDate}
      and ${digest.position} = any(positions) and state <> 'split'`.execute(ctx.db);
  // Never frozen means never mailed: nobody has its link, and there is nothing exact to show.
  const shellId = rows[0]?.shellId;
  return shellId ? { shellId, digest } : undefined;
}

/** The first digest, which came with the welcome. */
async function readFirst(ctx: Context, subscriberId: number, localDate: string): Promise<Mailed | undefined> {
  const first = await readFirstDigest(ctx, subscriberId, localDate);
  if (!first) return undefined;
  const { shellId, composition, keyId } = first;
  return { shellId, digest: { subscriberId, localDate, composition, keyId, address: '', addressVersion: 1 } };
}
