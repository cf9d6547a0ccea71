import { hash } from 'node:crypto';
import type { SigningKey } from '../domain/tokens.ts';
import type { Arena } from './arena.ts';
import type { Kernel } from './kernel.ts';

/** Where the keys lie that tokens are signed with, each laid out once. */
export interface TokenKeys {
  placeOf(key: SigningKey): number;
  /** The arena was cleared. */
  clear(): void;
}

/** Of SHA-256. A longer key is used as its hash (RFC 2104). */
const blockBytes = 64;

export function openTokenKeys(kernel: Kernel, arena: Arena): TokenKeys {
  const places = new Map<string, number>();
  let last: SigningKey | undefined;
  let lastPlace = 0;
  return {
    placeOf(key) {
      if (key === last) return lastPlace;
      const name = `${key.id} ${key.secret.toString('latin1')}`;
      lastPlace = places.get(name) ?? layOut(kernel, arena, key);
      places.set(name, lastPlace);
      last = key;
      return lastPlace;
    },
    clear() {
      places.clear();
      last = undefined;
    },
  };
}

function layOut(kernel: Kernel, arena: Arena, { id, secret }: SigningKey): number {
  const { padsBytes, keyIdBytesMax } = kernel;
  if (!/^[A-Za-z0-9]+$/.test(id) || id.length > keyIdBytesMax)
    throw new Error(`The id of a signing key must be 1 to ${keyIdBytesMax} letters or digits, not "${id}".`);
  const place = arena.take(padsBytes + 4 + keyIdBytesMax);
  const block = arena.take(blockBytes);
  arena.bytes.fill(0, block, block + blockBytes);
  arena.bytes.set(secret.length > blockBytes ? hash('sha256', secret, 'buffer') : secret, block);
  kernel.layOutKey(block, place);
  // The key itself is not kept a second time.
  arena.bytes.fill(0, block, block + blockBytes);
  arena.words[(place + padsBytes) / 4] = id.length;
  arena.bytes.write(id, place + padsBytes + 4, 'latin1');
  return place;
}
