import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressHash, maskAddress, normaliseAddress } from '../../src/domain/address.ts';

describe('an address is levelled', () => {
  test.each([
    ['ada@example.org', 'ada@example.org'],
    ['  Ada.Lovelace@Example.ORG \r\n', 'ada.lovelace@example.org'],
    ['\uFEFFada@example.org', 'ada@example.org'],
    ['ada+papers@example.org', 'ada+papers@example.org'],
    [`o'neil&co/2@example.org`, `o'neil&co/2@example.org`],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['ada@例え.テスト', 'ada@xn--r8jz45g.xn--zckzah'],
    ['ada@example。org', 'ada@example.org'],
    [`${'a'.repeat(64)}@example.org`, `${'a'.repeat(64)}@example.org`],
  ])('%j is %j', (given, address) => {
    expect(normaliseAddress(given)).toBe(address);
  });
});

describe('what mail can’t go to is no address', () => {
  test.each([
    ['', 'empty'],
    ['@', 'only the sign'],
    ['@example.org', 'no local part'],
    ['ada@', 'no domain'],
    ['ada', 'no sign'],
    ['ada@example', 'no dot in the domain'],
    ['ada@example.org.', 'a trailing dot'],
    ['ada@.example.org', 'a leading dot'],
    ['ada@exa..mple.org', 'an empty label'],
    ['ada@-example.org', 'a label that begins with a hyphen'],
    ['ada@example.123', 'a numeric top level'],
    ['ada@127.0.0.1', 'an IP address'],
    ['ada@[127.0.0.1]', 'an address literal'],
    ['ada@exa_mple.org', 'an underscore in the domain'],
    ['.ada@example.org', 'a leading dot'],
    ['ada.@example.org', 'a trailing dot'],
    ['a..da@example.org', 'two dots'],
    ['"ada lovelace"@example.org', 'quoting'],
    ['ada lovelace@example.org', 'a space'],
    ['Ada <ada@example.org>', 'a name beside it'],
    ['ada@example.org,eve@example.org', 'two addresses'],
    ['eve@example.org,ada@example.org', 'two addresses, the other way round'],
    ['ada@eve@example.org', 'two signs'],
    ['ädä@example.org', 'a local part beyond ASCII'],
    ['\u212Aen@example.org', 'a Kelvin sign'],
    ['ada\u202E@example.org', 'an override of the direction'],
    ['ada@exam\u200Bple.org', 'a zero-width space'],
    ['ada@example.org\r\nBcc: eve@example.org', 'a second header'],
    ['ada@exam\r\nple.org', 'a line break in the domain'],
    ['ada\r\n@example.org', 'a line break in the local part'],
    ['ada@exam\tple.org', 'a tab'],
    ['ada@example.org/path', 'a path'],
    ['ada@example.org?to=eve', 'a query'],
    ['ada@example.org#x', 'a fragment'],
    ['ada@ex%61mple.org', 'percent encoding'],
    ['ada@example.org:25', 'a port'],
    ['ada@exa\\mple.org', 'a backslash'],
    ['ada\u0000@example.org', 'a NUL'],
    ['ada@\uD800.org', 'half a character'],
    ['ada@xn--a.org', 'punycode that is none'],
    ['=cmd()@exa mple.org', 'a formula'],
    [`${'a'.repeat(65)}@example.org`, '65 characters before the sign'],
    [`ada@${'a'.repeat(64)}.org`, 'a label of 64 characters'],
    [`ada@${'aaaaaaa.'.repeat(40)}org`, 'over 254 characters'],
    [
      `${'a'.repeat(64)}@${'ü'.repeat(55)}.${'ü'.repeat(55)}.${'ü'.repeat(55)}.example`,
      'too long once in ASCII',
    ],
  ])('%j: %s', (given) => {
    expect(normaliseAddress(given)).toBeUndefined();
  });
});

test('no text at all makes it throw, and what comes out comes out again', () => {
  const parts = [
    'ada',
    '@',
    '.',
    'example.org',
    'ü',
    '\r\n',
    '"',
    '<',
    '\u202E',
    ' ',
    '%0d',
    '\0',
    'A',
    '\uD800',
  ];
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((some) => some.join('')),
    fc.tuple(fc.string(), fc.domain()).map(([local, domain]) => `${local}@${domain}`),
    fc.emailAddress(),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      const address = normaliseAddress(text);
      if (address === undefined) return;
      expect(address).toMatch(/^[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9.-]+\.[a-z0-9-]+$/);
      expect(address.length).toBeLessThanOrEqual(254);
      expect(normaliseAddress(address)).toBe(address);
      expect(normaliseAddress(address.toUpperCase())).toBe(address);
    }),
    { numRuns: 3000 },
  );
  expect(normaliseAddress(`${'a'.repeat(10_000_000)}@example.org`)).toBeUndefined();
  expect(normaliseAddress(`${'a.'.repeat(120)}!@`)).toBeUndefined();
});

test('a suppression’s hash depends on the key and the levelled address alone', () => {
  const [key, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  expect(addressHash(key, ' Ada@Example.org')).toEqual(addressHash(key, 'ada@example.org'));
  expect(addressHash(other, 'ada@example.org')).not.toEqual(addressHash(key, 'ada@example.org'));
  expect(addressHash(key, 'eve@example.org')).not.toEqual(addressHash(key, 'ada@example.org'));
  expect(addressHash(key, 'ada@example.org')).toHaveLength(32);
});

test('a masked address shows one letter and the domain', () => {
  expect(maskAddress('ada.lovelace@uni.test')).toBe('a•••@uni.test');
  expect(maskAddress('a@uni.test')).toBe('a•••@uni.test');
});
