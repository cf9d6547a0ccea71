import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacSha256, textHmacSha256 } from '../../src/domain/hmac.ts';

test('it is what createHmac gives, whatever the key and the message', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 130 }),
      fc.array(fc.string({ unit: 'binary', maxLength: 700 }), { minLength: 1, maxLength: 4 }),
      (bytes, messages) => {
        const key = Buffer.from(bytes);
        for (const message of messages) {
          const expected = createHmac('sha256', key).update(message).digest();
          expect(hmacSha256(key, message).equals(expected)).toBe(true);
          for (const encoding of ['hex', 'base64url'] as const)
            expect(textHmacSha256(key, message, encoding)).toBe(expected.toString(encoding));
        }
      },
    ),
  );
});
