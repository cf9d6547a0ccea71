import type { Context } from '../context.ts';
import type { DigestRow } from '../db/digests.ts';
import { digestTag, unpack } from '../domain/digest.ts';
import { type KeyRing, signToken, type SigningKey } from '../domain/tokens.ts';
import { Permanent } from '../queue/errors.ts';
import {
  assembleBatch,
  type AssembledDigest,
  assembleDigest,
  type CompiledFragment,
} from '../render/assemble.ts';
import type { Template } from '../render/compile.ts';
import { checkMail } from '../render/mail.ts';
import type { Writing } from '../render/writing.ts';

/** What one mail needs of a digest's row. */
export type MailedDigest = Pick<
  DigestRow,
  'subscriberId' | 'localDate' | 'composition' | 'address' | 'addressVersion' | 'keyId'
>;

export type DigestTokens = Record<'unsubscribe' | 'preferences' | 'digest' | 'taste', string>;

/** Stands where a reader's own links stood, in mails that others may see (RULES 22): the pages say where the link is. */
const blank = 'in-your-mail';
export const blankTokens: DigestTokens = {
  unsubscribe: blank,
  preferences: blank,
  digest: blank,
  taste: blank,
};

/**
 * The exact bytes of these digests' mails in their shell: the same rows always give the same bytes. With `tokens`, the
 * reader's own links are replaced.
 */
export async function assembleMails(
  ctx: Context,
  shellId: number,
  digests: readonly MailedDigest[],
  tokens?: DigestTokens,
): Promise<Buffer[]> {
  const { shell, fragments, mails } = await loadMails(ctx, shellId, digests, tokens);
  return mails.map(({ parts, fill }) => assembleDigest(shell, parts, fragments, fill));
}

/**
 * The request body of a batch. Its first mail, and the first of text alone, are looked at as a mail server would: all share
 * one shell, so a header lost from the shell is found here, before anything is handed over. Throws with every fault. With
 * `into`, the body lies in that memory.
 */
export async function assembleBatchBody(
  ctx: Context,
  shellId: number,
  digests: readonly MailedDigest[],
  into?: Writing,
): Promise<Buffer> {
  const { shell, fragments, mails } = await loadMails(ctx, shellId, digests);
  const made = assembleBatch(shell, mails, fragments, into);
  const faults = [false, true].flatMap((isTextOnly) => {
    const mail = made.mails[mails.findIndex(({ parts }) => parts.isTextOnly === isTextOnly)];
    return mail ? checkMail(mail, isTextOnly) : [];
  });
  if (faults.length > 0) throw new Permanent(`These mails must not go out. ${faults.join(' ')}`);
  return made.body;
}

/** Everything that the bytes of these mails are made of, read in one go. */
async function loadMails(
  ctx: Context,
  shellId: number,
  digests: readonly MailedDigest[],
  tokens?: DigestTokens,
): Promise<{
  shell: Template;
  fragments: ReadonlyMap<number, CompiledFragment>;
  mails: AssembledDigest[];
}> {
  const shell = await ctx.fragments.loadShell(shellId);
  const ids = new Set<number>();
  const mails = digests.map((digest) => {
    const parts = unpack(digest.composition);
    ids.add(parts.subject).add(parts.dayline).add(parts.slot);
    for (const topic of parts.topics) ids.add(topic);
    for (const { card, why } of parts.cards) ids.add(card).add(why);
    const fill = {
      address: digest.address,
      tag: digestTag(digest.subscriberId, digest.localDate),
      tokens: tokens ?? digestTokens(ctx.config.keys, digest),
    };
    return { parts, fill };
  });
  return { shell, fragments: await ctx.fragments.load(ids), mails };
}

/** The reader's links in one digest, made again from its row under the key it was signed with. */
export function digestTokens(
  keys: KeyRing,
  digest: Omit<MailedDigest, 'composition' | 'address'>,
): DigestTokens {
  const key = findKey(keys, digest.keyId);
  const { subscriberId, addressVersion, localDate } = digest;
  return {
    unsubscribe: signToken(key, { purpose: 'unsubscribe', subscriberId, addressVersion }),
    preferences: signToken(key, { purpose: 'preferences', subscriberId, addressVersion }),
    digest: signToken(key, { purpose: 'digest', subscriberId, addressVersion, localDate }),
    taste: signToken(key, { purpose: 'taste', subscriberId, addressVersion, localDate }),
  };
}

function findKey(keys: KeyRing, id: string): SigningKey {
  const key = keys.find((candidate) => candidate.id === id);
  if (!key) {
    throw new Error(`The signing key "${id}" is gone from SECRET_KEYS; put it back, retired keys must stay.`);
  }
  return key;
}
