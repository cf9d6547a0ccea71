import { hash } from 'node:crypto';

/**
 * HMAC-SHA256 as RFC 2104 defines it, out of one-shot hashes: a digest takes six of them, and half of what
 * `createHmac` takes goes into preparing the key anew.
 */
export function hmacSha256(key: Buffer, message: string): Buffer {
  const { inner, outer } = padsOf(key);
  const bytes = Buffer.byteLength(message);
  const text = inner.length >= blockBytes + bytes ? inner : Buffer.concat([inner], blockBytes + bytes);
  text.write(message, blockBytes);
  outer.write(hash('sha256', text.subarray(0, blockBytes + bytes), 'binary'), blockBytes, 'latin1');
  return hash('sha256', outer, 'buffer');
}

/** SHA-256 works on blocks of 64 bytes. */
const blockBytes = 64;
const hashBytes = 32;
/** Longer than any token; a longer message gets a buffer of its own. */
const messageBytesUsual = 320;

interface Pads {
  /** The key's inner pad, with room for a message. */
  inner: Buffer;
  /** Its outer pad, with room for the inner hash. */
  outer: Buffer;
}

/** A key's pads are made once; keys live as long as the process. */
const padsByKey = new WeakMap<Buffer, Pads>();

function padsOf(key: Buffer): Pads {
  const known = padsByKey.get(key);
  if (known) return known;
  const short = key.length > blockBytes ? hash('sha256', key, 'buffer') : key;
  const block = Buffer.concat([short], blockBytes);
  const pads = {
    inner: Buffer.concat([block.map((byte) => byte ^ 0x36)], blockBytes + messageBytesUsual),
    outer: Buffer.concat([block.map((byte) => byte ^ 0x5c)], blockBytes + hashBytes),
  };
  padsByKey.set(key, pads);
  return pads;
}
