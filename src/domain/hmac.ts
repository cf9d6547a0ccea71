import { hash } from 'node:crypto';

/**
 * HMAC-SHA256 as RFC 2104 defines it, out of one-shot hashes: each reader of a batch is looked for among the
 * suppressed by one, and half of what `createHmac` takes goes into preparing the key anew.
 */
export function hmacSha256(key: Buffer, message: string): Buffer {
  return Buffer.from(textHmacSha256(key, message, 'binary'), 'latin1');
}

/** The same as text: `binary` is a character a byte. Hashes come as text, because Node makes a buffer four times slower. */
export function textHmacSha256(
  key: Buffer,
  message: string,
  encoding: 'binary' | 'hex' | 'base64url',
): string {
  const pads = padsOf(key);
  pads.outer.write(hash('sha256', innerText(pads, message), 'binary'), blockBytes, 'latin1');
  return hash('sha256', pads.outer, encoding);
}

/** The inner pad and the message after it. */
function innerText({ inner, upTo }: Pads, message: string): Buffer {
  if (message.length > messageUnitsUsual)
    return Buffer.concat([inner.subarray(0, blockBytes), Buffer.from(message)]);
  const bytes = inner.write(message, blockBytes);
  return (upTo[bytes] ??= inner.subarray(0, blockBytes + bytes));
}

/** SHA-256 works on blocks of 64 bytes. */
const blockBytes = 64;
const hashBytes = 32;
/** Longer than any token; a longer message gets a buffer of its own. */
const messageUnitsUsual = 320;
/** Of one unit of a JavaScript string. */
const utf8BytesMax = 3;

interface Pads {
  /** The key's inner pad, with room for a message. */
  inner: Buffer;
  /** The pad with a message of so many bytes. */
  upTo: Buffer[];
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
    inner: Buffer.concat([block.map((byte) => byte ^ 0x36)], blockBytes + utf8BytesMax * messageUnitsUsual),
    upTo: [],
    outer: Buffer.concat([block.map((byte) => byte ^ 0x5c)], blockBytes + hashBytes),
  };
  padsByKey.set(key, pads);
  return pads;
}
