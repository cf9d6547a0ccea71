import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyHash, isBodyOf } from '../../src/press/body-hash.ts';

test('it is GMAC, by the first test case of NIST’s GCM', () => {
  expect(bodyHash(Buffer.alloc(0)).toString('hex')).toBe('58e2fccefa7e3061367f1d57a4e7455a');
});

test('a body made again has the same hash, and one with another bit, byte or end has not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), fc.nat(), fc.nat(7), (bytes, at, bit) => {
      const kept = bodyHash(bytes);
      const isSame = (body: Uint8Array) => isBodyOf(kept, body, bodyHash(body));
      expect(isSame(Uint8Array.from(bytes))).toBe(true);
      const flipped = Uint8Array.from(bytes);
      flipped[at % bytes.length]! ^= 1 << bit;
      for (const other of [flipped, bytes.subarray(1), Buffer.concat([bytes, Buffer.alloc(1)])])
        expect(isSame(other)).toBe(false);
    }),
  );
});

test('a body that was frozen with its SHA-256 is still known by that', () => {
  const body = Buffer.from('[{"from":"a"}]');
  const kept = createHash('sha256').update(body).digest();
  expect(isBodyOf(kept, body, bodyHash(body))).toBe(true);
  const other = Buffer.from('[{"from":"b"}]');
  expect(isBodyOf(kept, other, bodyHash(other))).toBe(false);
});
