import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type KeyRing,
  type Purpose,
  readToken,
  signDigestTokens,
  signToken,
  type TokenClaims,
} from '../../src/domain/tokens.ts';

const purposes: readonly Purpose[] = ['unsubscribe', 'preferences', 'confirm', 'digest', 'taste', 'feed'];
const [newest, retired] = [
  { id: 'b2', secret: Buffer.alloc(32, 2) },
  { id: 'a1', secret: Buffer.alloc(32, 1) },
];
const ring: KeyRing = [newest!, retired!];

const anyClaims: fc.Arbitrary<TokenClaims> = fc
  .record({
    purpose: fc.constantFrom(...purposes),
    subscriberId: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    addressVersion: fc.integer({ min: 1, max: 32_767 }),
    date: fc.option(
      fc.date({ min: new Date('2026-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
    ),
  })
  .map(({ date, ...claims }) => ({ ...claims, ...(date && { localDate: date.toISOString().slice(0, 10) }) }));

test('what is signed is read back, but for the address version of an unsubscribe link', () => {
  fc.assert(
    fc.property(anyClaims, (claims) => {
      const expected = claims.purpose === 'unsubscribe' ? { ...claims, addressVersion: 0 } : claims;
      expect(readToken(ring, claims.purpose, signToken(ring[0], claims))).toEqual(expected);
    }),
  );
});

test('what proves a token is the first 16 bytes of the HMAC over all that stands before', () => {
  fc.assert(
    fc.property(anyClaims, fc.uint8Array({ minLength: 1, maxLength: 80 }), (claims, secret) => {
      const key = { id: 'c3', secret: Buffer.from(secret) };
      const token = signToken(key, claims);
      const whole = createHmac('sha256', key.secret).update(token.slice(0, -23)).digest();
      expect(token.slice(-23)).toBe(`-${whole.toString('base64url', 0, 16)}`);
    }),
  );
});

test('the four tokens of a digest, made together, are those that are made one by one', () => {
  fc.assert(
    fc.property(anyClaims, fc.constantFrom('2026-01-01', '2031-12-31'), (claims, localDate) => {
      const reader = { subscriberId: claims.subscriberId, addressVersion: claims.addressVersion };
      const one = (purpose: Purpose, date?: string) =>
        signToken(ring[0], { purpose, ...reader, ...(date && { localDate: date }) });
      expect(signDigestTokens(ring[0], { ...reader, localDate })).toEqual({
        unsubscribe: one('unsubscribe'),
        preferences: one('preferences'),
        digest: one('digest', localDate),
        taste: one('taste', localDate),
      });
    }),
  );
});

test('an unsubscribe link is the same for every address version, a preferences link is not', () => {
  const claims = { subscriberId: 7, addressVersion: 1 };
  const sign = (purpose: Purpose, addressVersion: number) =>
    signToken(ring[0], { ...claims, purpose, addressVersion });
  expect(sign('unsubscribe', 2)).toBe(sign('unsubscribe', 1));
  expect(sign('preferences', 2)).not.toBe(sign('preferences', 1));
});

test('a token for one purpose is good for no other', () => {
  fc.assert(
    fc.property(anyClaims, fc.constantFrom(...purposes), (claims, other) => {
      fc.pre(other !== claims.purpose);
      expect(readToken(ring, other, signToken(ring[0], claims))).toBeUndefined();
    }),
  );
});

test('a retired key still verifies; an unknown one does not, nor another secret under a known name', () => {
  const claims: TokenClaims = { purpose: 'unsubscribe', subscriberId: 7, addressVersion: 0 };
  const old = signToken(retired!, claims);
  expect(readToken(ring, 'unsubscribe', old)).toEqual(claims);
  expect(readToken([newest!], 'unsubscribe', old)).toBeUndefined();
  const forged = signToken({ id: 'a1', secret: Buffer.alloc(32, 9) }, claims);
  expect(readToken(ring, 'unsubscribe', forged)).toBeUndefined();
});

test('tokens need no escaping in a link, a header or a mail', () => {
  fc.assert(
    fc.property(anyClaims, (claims) => {
      const token = signToken(ring[0], claims);
      expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(token.length).toBeLessThanOrEqual(70);
    }),
  );
});

describe('a changed token is refused', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.=%';

  test('whichever character is exchanged for whichever other', () => {
    fc.assert(
      fc.property(anyClaims, fc.nat(), fc.constantFrom(...alphabet), (claims, at, character) => {
        const token = signToken(ring[0], claims);
        const place = at % token.length;
        fc.pre(token[place] !== character);
        const changed = token.slice(0, place) + character + token.slice(place + 1);
        for (const purpose of purposes) expect(readToken(ring, purpose, changed)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test('every single place, every character: one token tried out whole', () => {
    const token = signToken(ring[0], {
      purpose: 'digest',
      subscriberId: 4711,
      addressVersion: 3,
      localDate: '2026-03-20',
    });
    for (let place = 0; place < token.length; place++) {
      for (const character of alphabet) {
        if (token[place] === character) continue;
        const changed = token.slice(0, place) + character + token.slice(place + 1);
        expect(readToken(ring, 'digest', changed)).toBeUndefined();
      }
    }
  });

  test('when it is cut, lengthened, repeated or joined with another', () => {
    fc.assert(
      fc.property(anyClaims, anyClaims, fc.nat(), (one, other, at) => {
        const [token, second] = [signToken(ring[0], one), signToken(ring[0], other)];
        fc.pre(token !== second);
        const cut = token.slice(0, at % token.length);
        const head = token.slice(0, -22);
        const hybrids = [
          cut,
          `${token}\n`,
          ` ${token}`,
          `${token}A`,
          token + token,
          head + second.slice(-22),
        ];
        for (const hybrid of hybrids) {
          fc.pre(hybrid !== token && hybrid !== second);
          expect(readToken(ring, one.purpose, hybrid)).toBeUndefined();
        }
      }),
    );
  });

  test('when a number in it is written another way', () => {
    const token = signToken(ring[0], { purpose: 'preferences', subscriberId: 35, addressVersion: 1 });
    expect(token.startsWith('p-z-1-0-b2-')).toBe(true);
    for (const head of ['p-0z-1-0-b2', 'p-z-01-0-b2', 'p-Z-1-0-b2', 'p-z-1-00000000-b2', 'P-z-1-0-b2']) {
      expect(readToken(ring, 'preferences', token.replace('p-z-1-0-b2', head))).toBeUndefined();
    }
  });
});

test('no text at all makes reading throw', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(...purposes),
      (text, purpose) => {
        expect(readToken(ring, purpose, text)).toBeUndefined();
      },
    ),
  );
  expect(readToken(ring, 'digest', 'd-1-1-0-b2-'.padEnd(1_000_000, 'A'))).toBeUndefined();
});
