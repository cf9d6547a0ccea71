import { createHmac, timingSafeEqual } from 'node:crypto';
import { textHmacSha256 } from './hmac.ts';

/**
 * Links that carry a reader's rights (RULES 22, 23).
 *
 * A token is `purpose-subscriber-version-date-keyId-mac` in a URL-safe alphabet. The MAC covers all that stands before
 * it. It is the whole proof: nothing is looked up to verify one, and every mail's tokens can be made again
 * from the row of its digest.
 */
export type Purpose =
  | 'unsubscribe'
  | 'preferences'
  | 'confirm'
  | 'digest'
  | 'taste'
  | 'feed'
  | 'account'
  | 'move';

export interface TokenClaims {
  purpose: Purpose;
  subscriberId: number;
  /**
   * Goes up when the address changes, so that old links to the preferences die. Unsubscribe ignores it; of a feed it is
   * the feed's own version, so that feeds end apart from everything else.
   */
  addressVersion: number;
  /** The digest's local date, for `digest` and `taste`; for links that end, the UTC date on which they were made. */
  localDate?: string;
}

export interface SigningKey {
  id: string;
  secret: Buffer;
}

/** Newest first. Retired keys stay, so that old mails can still be left. */
export type KeyRing = readonly [SigningKey, ...SigningKey[]];

const letters: Record<Purpose, string> = {
  unsubscribe: 'u',
  preferences: 'p',
  confirm: 'c',
  digest: 'd',
  taste: 't',
  feed: 'f',
  account: 'a',
  move: 'm',
};
const purposes = new Map(Object.entries(letters).map(([purpose, letter]) => [letter, purpose as Purpose]));
const shape = /^([a-z])-([0-9a-z]{1,7})-([0-9a-z]{1,3})-(\d{8}|0)-([A-Za-z0-9]{1,16})-([A-Za-z0-9_-]{22})$/;

/** The token for these claims under `key`. The unsubscribe token is the same for every address version. */
export function signToken(key: SigningKey, claims: TokenClaims): string {
  const { purpose, subscriberId, addressVersion, localDate } = claims;
  const version = purpose === 'unsubscribe' ? 0 : addressVersion;
  const date = localDate ? digitsOf(localDate) : '0';
  const head = `${letters[purpose]}-${subscriberId.toString(36)}-${version.toString(36)}-${date}-${key.id}`;
  return `${head}-${mac(key.secret, head)}`;
}

/** The tokens of the reader's links in one digest. */
export type DigestTokens = Record<'unsubscribe' | 'preferences' | 'digest' | 'taste', string>;

/** What `signToken` gives for each of them. The kernel makes the same while a mail is put together (src/kernel/values.ts). */
export function signDigestTokens(key: SigningKey, claims: DigestClaims): DigestTokens {
  const { localDate, ...undated } = claims;
  return {
    unsubscribe: signToken(key, { ...undated, purpose: 'unsubscribe' }),
    preferences: signToken(key, { ...undated, purpose: 'preferences' }),
    digest: signToken(key, { ...undated, purpose: 'digest', localDate }),
    taste: signToken(key, { ...undated, purpose: 'taste', localDate }),
  };
}

export type DigestClaims = Required<Omit<TokenClaims, 'purpose'>>;

function digitsOf(localDate: string): string {
  return localDate.replaceAll('-', '');
}

/** The claims of a genuine token for `purpose`, or undefined for anything else, without saying why. */
export function readToken(ring: KeyRing, purpose: Purpose, token: string): TokenClaims | undefined {
  const found = shape.exec(token);
  if (!found) return undefined;
  const [, letter, subscriber, version, date, keyId, given] = found as unknown as string[];
  const key = ring.find((candidate) => candidate.id === keyId);
  if (!key || purposes.get(letter!) !== purpose) return undefined;
  const head = token.slice(0, -23);
  if (!timingSafeEqual(Buffer.from(mac(key.secret, head)), Buffer.from(given!))) return undefined;
  const claims = { purpose, subscriberId: parseInt(subscriber!, 36), addressVersion: parseInt(version!, 36) };
  if (date === '0') return claims;
  return { ...claims, localDate: `${date!.slice(0, 4)}-${date!.slice(4, 6)}-${date!.slice(6)}` };
}

/**
 * The keys of links that confirm one new address: signed with the address in them, so that the link in a mail to one
 * address never confirms another one that was asked for since.
 */
export function moveKeys(keys: KeyRing, address: string): KeyRing {
  return keys.map(({ id, secret }) => ({
    id,
    secret: createHmac('sha256', secret).update(`move to ${address}`).digest(),
  })) as unknown as KeyRing;
}

/** Whom a token claims to be for, before anything is proven: only to find the key that proves it. */
export function subscriberOf(token: string): number | undefined {
  const found = shape.exec(token);
  const id = found ? parseInt(found[2]!, 36) : NaN;
  return id <= idMax ? id : undefined;
}

/** Postgres' integer. */
const idMax = 2 ** 31 - 1;

/**
 * 128 bits of HMAC-SHA256: far beyond guessing, and short in a link. Of the whole one's characters they are 21, and two bits
 * of the one after: the other four bits are zero where only these bytes are written.
 */
function mac(secret: Buffer, head: string): string {
  const whole = textHmacSha256(secret, head, 'base64url');
  return whole.slice(0, 21) + withTwoBits[whole.charCodeAt(21)]!;
}

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** By the code of a character of base64url: the one that has its upper two bits alone. */
const withTwoBits: string[] = [];
for (let bits = 0; bits < 64; bits++) withTwoBits[base64url.charCodeAt(bits)] = base64url[bits & 0b110000]!;
