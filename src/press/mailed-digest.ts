import type { DigestRow } from '../db/digests.ts';
import { digestTag } from '../domain/digest.ts';
import { type DigestTokens, type KeyRing, signDigestTokens, type SigningKey } from '../domain/tokens.ts';
import type { DigestFill } from '../render/values.ts';

/** What one mail needs of a digest's row. */
export type MailedDigest = Pick<
  DigestRow,
  'subscriberId' | 'localDate' | 'composition' | 'address' | 'addressVersion' | 'keyId'
>;

/** Stands where a reader's own links stood, in mails that others may see (RULES 22): the pages say where the link is. */
const blank = 'in-your-mail';
export const blankTokens: DigestTokens = {
  unsubscribe: blank,
  preferences: blank,
  digest: blank,
  taste: blank,
};

/** A digest's row as the values of its mail; with `tokens`, the reader's own links are replaced. */
export function fillOf(digest: MailedDigest, keys: KeyRing, tokens?: DigestTokens): DigestFill {
  const { address, subscriberId, addressVersion, localDate } = digest;
  if (tokens) return { address, tag: digestTag(subscriberId, localDate), tokens };
  return { address, key: findKey(keys, digest.keyId), subscriberId, addressVersion, localDate };
}

/** The reader's links in one digest, made again from its row under the key it was signed with. */
export function digestTokens(
  keys: KeyRing,
  digest: Omit<MailedDigest, 'composition' | 'address'>,
): DigestTokens {
  return signDigestTokens(findKey(keys, digest.keyId), digest);
}

function findKey(keys: KeyRing, id: string): SigningKey {
  const key = keys.find((candidate) => candidate.id === id);
  if (!key) {
    throw new Error(`The signing key "${id}" is gone from SECRET_KEYS; put it back, retired keys must stay.`);
  }
  return key;
}
