import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstSentences } from '../../src/render/sentences.ts';
import { anyText } from '../support/arbitrary-paper.ts';

const first =
  'We train a flow model on prior samples alone, without any data set that could mislead the student model.';
const second = 'It reaches FID 1.45 on ImageNet 256 in one step.';
const third = 'Code is public.';

test.each([
  ['a short text stays whole', `${first} ${second}`, 420, `${first} ${second}`],
  [
    'at most three sentences are kept',
    `${first} ${second} ${third} A fourth one.`,
    420,
    `${first} ${second} ${third}`,
  ],
  [
    'a sentence that does not fit is left out whole',
    `${first} ${second} ${third}`,
    160,
    `${first} ${second}`,
  ],
  ['a decimal point ends nothing', `${first} ${second}`, 150, first],
  [
    '"e.g." ends nothing',
    'Models, e.g. Transformers, fail. They stop.',
    34,
    'Models, e.g. Transformers, fail.',
  ],
  [
    '"et al." ends nothing',
    'As Vaswani et al. Show, it works. Then more text follows.',
    40,
    'As Vaswani et al. Show, it works.',
  ],
  ['"vs." and "Fig. 2" end nothing', 'A vs. B in Fig. 2 wins. Rest.', 24, 'A vs. B in Fig. 2 wins.'],
  [
    'an initial ends nothing',
    'By J. Doe and M. K. Lee it is shown. Next.',
    37,
    'By J. Doe and M. K. Lee it is shown.',
  ],
  [
    'a full stop inside a name ends nothing',
    'We use Node.js and v2.1 of it. Fine.',
    31,
    'We use Node.js and v2.1 of it.',
  ],
  ['closing quotes go with their sentence', 'They say "it works." We doubt it.', 22, 'They say "it works."'],
  [
    'questions and exclamations end sentences',
    'Does it work? Yes! So there. And on.',
    100,
    'Does it work? Yes! So there.',
  ],
  [
    'no end in reach: cut at a word with an ellipsis',
    'One endless sentence that goes on and on',
    20,
    'One endless…',
  ],
  [
    'a stub is not enough: the next sentence is cut',
    'We present X. It is a long story that does not fit here at all.',
    40,
    'We present X. It is a long story that…',
  ],
  [
    'Chinese sentences end without a space',
    '這是第一句。這是第二句。這是第三句。這是第四句。',
    100,
    '這是第一句。這是第二句。這是第三句。',
  ],
  ['nothing gives nothing', '', 420, ''],
])('%s', (_claim, text, charactersMax, expected) => {
  expect(firstSentences(text, charactersMax)).toBe(expected);
});

test('never longer than asked, never more than the text says, for any text', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 0, max: 500 }), (text, charactersMax) => {
      const kept = firstSentences(text, charactersMax);
      expect(Array.from(kept).length).toBeLessThanOrEqual(Math.max(charactersMax, 0));
      expect(text.replace(/\s+/g, ' ').trim().startsWith(kept.replace(/…$/u, ''))).toBe(true);
    }),
  );
});
