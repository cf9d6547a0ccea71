import { createCipheriv, hash } from 'node:crypto';

/**
 * What tells whether a body that was made again is the one that went out: 128 bits of GMAC (NIST SP 800-38D) under a key that
 * is no secret. It guards against mistakes of ours, as another version that assembles otherwise; nobody else gets to choose a
 * body for a hash. Of an edition's processor time SHA-256 took a fifteenth, and this takes a tenth of that.
 */
export function bodyHash(body: Uint8Array): Buffer {
  const mac = createCipheriv('aes-128-gcm', key, nonce);
  mac.setAAD(body);
  mac.final();
  return mac.getAuthTag();
}

/** Whether a body that now has the hash `now` is the one that was kept with `kept`. What was frozen before had SHA-256. */
export function isBodyOf(kept: Buffer, body: Uint8Array, now: Buffer): boolean {
  return kept.equals(kept.length === sha256Bytes ? hash('sha256', body, 'buffer') : now);
}

const key = Buffer.alloc(16);
const nonce = Buffer.alloc(12);
const sha256Bytes = 32;
