import type { DigestTokens } from '../domain/tokens.ts';
import { Hole } from './holes.ts';

/** What is the reader's own: where the mail goes, the tag that webhooks bring back, and the tokens of the links. */
export interface DigestFill {
  address: string;
  tag: string;
  tokens: DigestTokens;
}

/** The values of one mail as bytes, by hole; those of the next are written over them. */
export interface Values {
  /** Throws a sentence when a value is unsafe: they go into JSON, HTML and headers unescaped. */
  fill(fill: DigestFill): void;
  at(hole: number): Buffer | undefined;
}

export function openValues(): Values {
  const values: (Buffer | undefined)[] = [];
  const put = {
    address: room(),
    tag: room(),
    unsubscribe: room(),
    preferences: room(),
    digest: room(),
    taste: room(),
  };
  return {
    fill({ address, tag, tokens }) {
      if (!harmlessAddress.test(address)) {
        throw new Error(
          'The address of a digest has characters that no mail address has; it was not put together.',
        );
      }
      values[Hole.address] = put.address(address);
      values[Hole.digestTag] = put.tag(word('tag', tag));
      values[Hole.unsubscribeToken] = put.unsubscribe(word('unsubscribe token', tokens.unsubscribe));
      values[Hole.preferencesToken] = put.preferences(word('preferences token', tokens.preferences));
      values[Hole.digestToken] = put.digest(word('digest token', tokens.digest));
      values[Hole.tasteToken] = put.taste(word('taste token', tokens.taste));
    },
    at: (hole) => values[hole],
  };
}

/** Memory for one value after the other. A buffer made for each took longer than to write it. */
function room(): (text: string) => Buffer {
  const bytes = Buffer.allocUnsafe(valueBytesMax);
  const upTo: Buffer[] = [];
  return (text) => {
    bytes.write(text, 'latin1');
    return (upTo[text.length] ??= bytes.subarray(0, text.length));
  };
}

function word(name: string, value: string): string {
  if (value.length > wordCharactersMax || !harmlessWord.test(value)) {
    throw new Error(`The ${name} of a digest must be 1 to 256 characters out of A-Z a-z 0-9 _ -.`);
  }
  return value;
}

/** Printable ASCII without spaces, quotes, backslash, angle brackets, comma and semicolon. */
const harmlessAddress = /^[!#-+\--:=?-[\]-~]{1,64}@[!#-+\--:=?-[\]-~]{1,255}$/;
const harmlessWord = /^[A-Za-z0-9_-]+$/;
const wordCharactersMax = 256;
/** The longest address. */
const valueBytesMax = 64 + 1 + 255;
