import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsOf, digestsOf } from '../../src/press/columns.ts';

const anyDigest = fc.record({
  subscriberId: fc.nat(),
  localDate: fc.constantFrom('2025-12-12', '2026-01-01'),
  composition: fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.from(bytes)),
  address: fc.emailAddress(),
  addressVersion: fc.nat({ max: 99 }),
  keyId: fc.constantFrom('a1', 'b2'),
});

test('digests come out on the other side as they went in, in their order', () => {
  fc.assert(
    fc.property(fc.array(anyDigest, { maxLength: 100 }), (digests) => {
      expect(digestsOf(structuredClone(columnsOf(digests)))).toEqual(digests);
    }),
  );
});
