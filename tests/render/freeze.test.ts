import fc from 'fast-check';
import { createElement, Fragment } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { clean, cutAtWord, httpsUrl } from '../../src/render/clean.ts';
import { asciiHtml, escapeHtml, freezeHtml, freezeText } from '../../src/render/freeze.ts';
import { hole, Hole } from '../../src/render/holes.ts';
import { wrap } from '../../src/render/wrap.ts';
import { anyText } from '../support/arbitrary-paper.ts';

test('frozen text is the JSON of the text, in printable ASCII', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const cleaned = clean(text);
      const frozen = freezeText(cleaned).toString('latin1');
      expect(frozen).toMatch(/^[\x20-\x7e]*$/);
      expect(JSON.parse(`"${frozen}"`)).toBe(cleaned);
    }),
  );
});

test('frozen HTML is the JSON of the markup with numeric entities', () => {
  const frozen = freezeHtml('<p title="流">é \u{1d49c}\n</p>').toString('latin1');
  expect(JSON.parse(`"${frozen}"`)).toBe('<p title="&#27969;">&#233; &#119964;\n</p>');
});

test('text is escaped exactly as React escapes it', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(escapeHtml(text)).toBe(renderToStaticMarkup(createElement(Fragment, null, text)));
    }),
  );
});

test('a hole is frozen as a mark and its number, on the text side as that number and 32', () => {
  expect(freezeHtml(`a${hole(Hole.why)}b`)).toEqual(Buffer.from('a\x01\x40b'));
  expect(freezeText(`${hole(Hole.tasteToken)}c`)).toEqual(Buffer.from('\x01\x61c'));
  expect(asciiHtml(hole(Hole.cards))).toBe(hole(Hole.cards));
});

test('cleaned text has no control, direction, invisible or private-use character, and cleaning twice changes nothing', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const cleaned = clean(text);
      expect(cleaned).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u);
      expect(clean(cleaned)).toBe(cleaned);
    }),
  );
});

test('a cut keeps whole words where it can, and whole characters always', () => {
  expect(cutAtWord('one two three', 9)).toBe('one two…');
  expect(cutAtWord('one two three', 13)).toBe('one two three');
  expect(cutAtWord('one, two', 5)).toBe('one…');
  expect(cutAtWord('endlessword', 5)).toBe('endl…');
  expect(cutAtWord('😀😀😀😀', 3)).toBe('😀😀…');
  expect(cutAtWord('anything', 0)).toBe('');
});

test.each([
  ['https://arxiv.org/abs/2511.20462', 'https://arxiv.org/abs/2511.20462'],
  ['https://例え.jp/ページ', 'https://xn--r8jz45g.jp/%E3%83%9A%E3%83%BC%E3%82%B8'],
  ['https://example.org/?q="><script>', 'https://example.org/?q=%22%3E%3Cscript%3E'],
  ['http://arxiv.org/', undefined],
  ['javascript:alert(1)', undefined],
  ['https://user:pass@example.org/', undefined],
  [`https://example.org/${'x'.repeat(500)}`, undefined],
  ['not an address', undefined],
  [null, undefined],
])('only https addresses become links: %s', (address, expected) => {
  expect(httpsUrl(address)).toBe(expected);
});

test('wrapped lines fit, and no word is lost', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 5, max: 80 }), (text, columns) => {
      const lines = wrap(text, columns).split('\n');
      for (const line of lines) {
        expect(line).toBe(line.trim());
        expect(line.includes(' ') && Array.from(line).length > columns).toBe(false);
      }
      expect(lines.join(' ')).toBe(text.split(/\s+/).filter(Boolean).join(' '));
    }),
  );
});
