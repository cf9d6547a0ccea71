import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkPlaceholders,
  fillPlaceholders,
  findPlaceholders,
  lineAt,
} from '../../src/domain/placeholders.ts';

const known = { unsubscribeUrl: 'link', topics: 'words' } as const;
const name = fc.constantFrom('unsubscribeUrl', 'topics', 'x', 'Zed');
const plain = fc.string().filter((text) => !text.includes('{') && !text.includes('}'));
const source = fc
  .array(
    fc.oneof(
      plain,
      name.map((one) => `{{ ${one} }}`),
    ),
  )
  .map((parts) => parts.join(''));

describe('for any text', () => {
  test('finding reads whatever it is given, in order, and without an overlap', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('{', '}', 'a', ' ', '\n', '<', '"', '-') }), (text) => {
        let end = 0;
        for (const found of findPlaceholders(text)) {
          expect(found.start).toBeGreaterThanOrEqual(end);
          expect(text.slice(found.start).startsWith('{{')).toBe(true);
          end = found.end;
        }
        expect(findPlaceholders(text).length === 0).toBe(!text.includes('{{'));
      }),
    );
  });

  test('filling puts each value where its placeholder stood, and never reads a value again', () => {
    fc.assert(
      fc.property(source, fc.string(), (text, value) => {
        const pieces = text.split(/\{\{ \w+ \}\}/);
        expect(fillPlaceholders(text, () => value)).toBe(pieces.join(value));
        expect(fillPlaceholders(text, () => '{{topics}}')).toBe(pieces.join('{{topics}}'));
      }),
    );
  });

  test('a slip is named with the line it is on, and nothing else is', () => {
    fc.assert(
      fc.property(
        fc.array(plain),
        fc.array(plain),
        fc.constantFrom('{{', '{{1}}', '{{a b}}'),
        (a, b, slip) => {
          const before = a.join('\n');
          const faults = checkPlaceholders(`${before}\n${slip} ${b.join('\n')}`, known);
          expect(faults.map(({ line }) => line)).toEqual([before.split('\n').length + 1]);
        },
      ),
    );
  });
});

test('a line is counted from 1, and ends with its line break', () => {
  expect([0, 1, 2, 3].map((place) => lineAt('a\nb\n', place))).toEqual([1, 1, 2, 2]);
});

test.each([
  ['{{ topics }}', []],
  ['<a href="{{unsubscribeUrl}}">{{topics}}</a>', []],
  ['a < b {{topics}} > c', []],
  ['@media x{.a{color:red}}', []],
  ['<!-- <b {{topics}} -->', []],
  ["<a title='>{{topics}}'>", ['{{topics}} stands inside a tag']],
  ['x\n<a href="{{topics}}">', ['{{topics}} stands inside a tag']],
  ['{{nmae}}', ['{{nmae}} is not known. This mail may have {{unsubscribeUrl}}, {{topics}}']],
  ['{{constructor}}', ['{{constructor}} is not known']],
  ['{{ unsubscribe url }}', ['“{{ unsubscribe url }}” is no placeholder']],
])('%s', (text, words) => {
  expect(checkPlaceholders(text, known).map((fault) => fault.words)).toEqual(
    words.map((start) => expect.stringContaining(start)),
  );
});
