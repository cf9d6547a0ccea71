import type { DigestClaims, DigestTokens, SigningKey } from '../domain/tokens.ts';
import type { Arena } from './arena.ts';
import { Hole } from './holes.ts';
import type { Kernel } from './kernel.ts';
import { openTokenKeys } from './token-keys.ts';

/** What is the reader's own: where the mail goes, the tag that webhooks bring back, and the tokens of the links. */
export type DigestFill = { address: string } & (SignedValues | GivenValues);

/** Tag and tokens are made, and signed with this key, while the mail is put together. */
export interface SignedValues extends DigestClaims {
  key: SigningKey;
}

/** They stand in for the reader's own, in a mail that others may see. */
export interface GivenValues {
  tag: string;
  tokens: DigestTokens;
}

/** Fills the holes of values for one mail after the other. */
export interface Values {
  /** Throws a sentence when a value is unsafe: they go into JSON, HTML and headers unescaped. */
  fill(fill: DigestFill): void;
  /** The arena was cleared. */
  clear(): void;
}

/** Takes its room, so before anything is laid out. */
export function openValues(kernel: Kernel, arena: Arena): Values {
  const keys = openTokenKeys(kernel, arena);
  const addressAt = arena.take(addressBytesMax);
  const wordsAt = arena.take(wordsOfMail * wordBytesMax);
  const put = (hole: number, at: number, value: string) => {
    arena.bytes.write(value, at, 'latin1');
    const word = kernel.fill / 4 + 2 * hole;
    arena.words[word] = at;
    arena.words[word + 1] = value.length;
  };
  const putWords = ({ tag, tokens }: GivenValues) => {
    const { taste, unsubscribe, preferences, digest } = tokens;
    put(Hole.digestTag, wordsAt, word('tag', tag));
    put(Hole.tasteToken, wordsAt + wordBytesMax, word('taste token', taste));
    put(Hole.unsubscribeToken, wordsAt + 2 * wordBytesMax, word('unsubscribe token', unsubscribe));
    put(Hole.preferencesToken, wordsAt + 3 * wordBytesMax, word('preferences token', preferences));
    put(Hole.digestToken, wordsAt + 4 * wordBytesMax, word('digest token', digest));
  };
  return {
    fill(fill) {
      if ('key' in fill) {
        // First, because a new key may move the memory.
        const key = keys.placeOf(fill.key);
        kernel.fillValues(key, fill.subscriberId, fill.addressVersion, dateNumber(fill.localDate));
      } else putWords(fill);
      put(Hole.address, addressAt, safeAddress(fill.address));
    },
    clear: keys.clear,
  };
}

function safeAddress(address: string): string {
  if (harmlessAddress.test(address)) return address;
  throw new Error(
    'The address of a digest has characters that no mail address has; it was not put together.',
  );
}

function word(name: string, value: string): string {
  if (value.length <= wordBytesMax && harmlessWord.test(value)) return value;
  throw new Error(`The ${name} of a digest must be 1 to ${wordBytesMax} characters out of A-Z a-z 0-9 _ -.`);
}

/** "2025-12-12" as 20251212. */
function dateNumber(localDate: string): number {
  if (localDate !== lastDate) {
    lastDate = localDate;
    lastNumber = Number(localDate.replaceAll('-', ''));
  }
  return lastNumber;
}

/** Digests of one batch have one or two dates. */
let lastDate = '';
let lastNumber = 0;

/** Printable ASCII without spaces, quotes, backslash, angle brackets, comma and semicolon. */
const harmlessAddress = /^[!#-+\--:=?-[\]-~]{1,64}@[!#-+\--:=?-[\]-~]{1,255}$/;
const harmlessWord = /^[A-Za-z0-9_-]+$/;
const addressBytesMax = 64 + 1 + 255;
const wordBytesMax = 256;
const wordsOfMail = 5;
