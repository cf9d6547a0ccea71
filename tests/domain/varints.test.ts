import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeVarints, encodeVarints, unzigzag, zigzag } from '../../src/domain/varints.ts';

const numbers = fc.array(fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 32 - 1 })), { maxLength: 100 });

/** These bytes read and written again. */
function rewritten(bytes: Uint8Array): Buffer | 'refused' {
  let list: number[];
  try {
    list = decodeVarints(bytes);
  } catch (error) {
    if (!(error as Error).message.includes('are no list of numbers')) throw error;
    return 'refused';
  }
  return encodeVarints(list);
}

describe('a list of numbers', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        expect(decodeVarints(encodeVarints(list))).toEqual(list);
      }),
    );
  });

  test('has one way to be written: what is read of any bytes is written as they were, or a sentence says why not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(rewritten(bytes)).toSatisfy(
          (again) => again === 'refused' || Buffer.from(bytes).equals(again as Buffer),
        );
      }),
    );
  });

  test.each([
    [[127], [0x7f]],
    [[128], [0x80, 0x01]],
    [[300], [0xac, 0x02]],
    [[2 ** 32 - 1], [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('%j is %j', (list, bytes) => {
    expect([...encodeVarints(list)]).toEqual(bytes);
  });

  test.each([
    [[0x80], 'the last number goes on'],
    [[0x80, 0x00], 'longer than it need be'],
    [[0xff, 0xff, 0xff, 0xff, 0x10], 'larger than any'],
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 'longer than any'],
  ])('%j is refused: %s', (bytes, why) => {
    expect(() => decodeVarints(Uint8Array.from(bytes))).toThrow(why);
  });
});

test('a number near 0 becomes a small one, whatever its sign, and is found again', () => {
  expect([0, -1, 1, -2, 2].map(zigzag)).toEqual([0, 1, 2, 3, 4]);
  const distance = fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(distance, (number) => {
      expect(unzigzag(zigzag(number))).toBe(number);
    }),
  );
});
