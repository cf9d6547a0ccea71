import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Composition,
  digestTag,
  eachFragment,
  pack,
  readDigestTag,
  unpack,
} from '../../src/domain/digest.ts';
import { anyComposition } from '../support/arbitrary-composition.ts';

const id = fc.integer({ min: 1, max: 2 ** 31 - 1 });

/** A card's fragments, as they follow each other. */
function partsOf({ card, why, whyRest }: Composition['cards'][number]): number[] {
  return whyRest === undefined ? [card, why] : [card, why, whyRest];
}

describe('a composition', () => {
  test('is read back as it was packed', () => {
    fc.assert(
      fc.property(anyComposition, (composition) => {
        expect(unpack(pack(composition))).toEqual(composition);
      }),
    );
  });

  test('is read back with what stands for its ids', () => {
    fc.assert(
      fc.property(anyComposition, (composition) => {
        const named = unpack(pack(composition), (number) => ({ number }));
        expect(pack(named, ({ number }) => number).equals(pack(composition))).toBe(true);
      }),
    );
  });

  test('has each of its fragments visited', () => {
    fc.assert(
      fc.property(anyComposition, (composition) => {
        const visited: number[] = [];
        eachFragment(pack(composition), (id) => visited.push(id));
        const { subject, dayline, slot, topics, cards } = composition;
        const all = [slot, ...topics, subject, dayline, ...cards.flatMap(partsOf)];
        expect(visited).toEqual(all);
      }),
    );
  });

  test('that lost its last byte is refused', () => {
    fc.assert(
      fc.property(anyComposition, (composition) => {
        expect(() => unpack(pack(composition).subarray(0, -1))).toThrow(
          /fits no layout|the last number goes on/,
        );
      }),
    );
  });

  test.each([
    [[], 'empty'],
    [[0], 'a header alone'],
    [[0, 1], 'without a subject'],
    [[0, 1, 2], 'without a day line'],
    [[2, 1, 2, 3], 'with fewer topics than it says'],
    [[0, 1, 2, 3, 4], 'a card without its why'],
    [[128, 1, 1, 2, 3, 4], 'in parts, a card without its why'],
    [[128, 1, 1, 2, 3, 4, 7], 'in parts, a why without its rest'],
  ])('is not %j: %s', (packed) => {
    expect(() => unpack(Uint8Array.from(packed))).toThrow('fits no layout');
  });

  test('whose lines are all whole is packed as it was before there were parts', () => {
    const composition = { subject: 9, dayline: 7, slot: 2, topics: [5], isTextOnly: true };
    const cards = [{ card: 8, why: 3 }];
    expect([...pack({ ...composition, cards })]).toEqual([3, 2, 5, 9, 3, 2, 3]);
    expect([...pack({ ...composition, cards: [{ card: 8, why: 3, whyRest: 4 }] })]).toEqual([
      131, 1, 2, 5, 9, 3, 2, 7, 4,
    ]);
  });

  test('takes three bytes a fragment where a quarter of a million were made', () => {
    const made = (place: number) => 250_000 - place * 100;
    const composition = {
      subject: made(0),
      dayline: made(1),
      slot: made(2),
      topics: [3, 4, 5].map(made),
      isTextOnly: false,
      cards: [6, 7, 8, 9, 10, 11, 12].map((place) => ({ card: made(place), why: made(place * 100) })),
    };
    expect(pack(composition).length).toBeLessThanOrEqual(20 * 3);
  });
});

describe('a digest’s tag', () => {
  test('names subscriber and date, in the letters that tags may have', () => {
    const anyDate = fc.date({
      min: new Date('2000-01-01'),
      max: new Date('2999-12-31'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(id, anyDate, (subscriberId, date) => {
        const localDate = date.toISOString().slice(0, 10);
        const tag = digestTag(subscriberId, localDate);
        expect(tag).toMatch(/^[A-Za-z0-9_-]{1,50}$/);
        expect(readDigestTag(tag)).toEqual({ subscriberId, localDate });
      }),
    );
    expect(digestTag(12, '2026-03-20')).toBe('d-12-20260320');
  });

  test.each([
    ['', 'empty'],
    ['n-12', 'a notice’s'],
    ['d-12-2026032', 'a digit short'],
    ['d-12-20260320-1', 'longer'],
    ['d--20260320', 'without a subscriber'],
    ['d-0-20260320', 'of subscriber 0'],
    ['d-012-20260320', 'with a leading zero'],
    ['d-9999999999-20260320', 'of a subscriber that no column can hold'],
    ['d-2147483648-20260320', 'one above the column'],
    ['d-12-20261399', 'of a month that is none'],
    ['d-12-20260231', 'of a day that is none'],
    ['d-12-00000101', 'of the year 0'],
    ['d-12-20260320\n', 'with a line break'],
  ])('%j is none: %s', (tag) => {
    expect(readDigestTag(tag)).toBeUndefined();
  });

  test('no text at all makes reading throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readDigestTag(text)));
    fc.assert(fc.property(fc.string(), (text) => void readDigestTag(`d-1-${text}`)));
  });
});
