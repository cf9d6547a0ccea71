import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openWriting, write, written } from '../../src/render/writing.ts';

test('what is written is the pieces one after the other, however small the memory was at first', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 64 }), (some, bytesAtFirst) => {
      const writing = openWriting(new ArrayBuffer(bytesAtFirst));
      for (const piece of some) write(writing, piece);
      expect(written(writing).equals(Buffer.concat(some))).toBe(true);
    }),
  );
});
