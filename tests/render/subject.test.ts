import fc from 'fast-check';
import { expect, test } from 'vitest';
import { subjectCharactersMax, subjectLine } from '../../src/render/subject.ts';
import { anyText } from '../support/arbitrary-paper.ts';

const starFlow = 'STARFlow-V: End-to-End Video Generative Modeling with Normalizing Flow';

test.each([
  [
    'a long title keeps what there is room for, past its colon',
    starFlow,
    6,
    'STARFlow-V: End-to-End Video Generative Modeling with …, and 6 more',
  ],
  [
    'a name of one word is no subject',
    'SEED: A Very Large Study of How Models That Were Trained on Seeds Behave in the Field',
    4,
    'SEED: A Very Large Study of How Models That Were Trained on …, and 4 more',
  ],
  ['a single paper gives its title alone', starFlow, 0, starFlow],
  ['a title that fits stays whole, colon and all', 'DM1: Fast Robots', 4, 'DM1: Fast Robots, and 4 more'],
  [
    'a long title without a name is cut at a word',
    'On the Unreasonable and Surprising Effectiveness of Very Long Titles in Machine Learning Papers',
    11,
    'On the Unreasonable and Surprising Effectiveness of Very Long …, and 11 more',
  ],
  [
    'a colon at the cut goes with what is cut',
    'A Name That Is Much Too Long To Be The Name Of Anything At All: and a subtitle behind it',
    2,
    'A Name That Is Much Too Long To Be The Name Of Anything At All …, and 2 more',
  ],
  [
    'a line break cannot make a header',
    'Title\r\nBcc: everyone@example.org',
    1,
    'Title Bcc: everyone@example.org, and 1 more',
  ],
  ['direction overrides are gone', '\u202Eevil\u202C title', 0, 'evil title'],
  ['a paper without a title still has a subject', ' ', 3, 'Today’s papers, and 3 more'],
])('%s', (_claim, title, more, expected) => {
  expect(subjectLine(title, more)).toBe(expected);
});

test('one line, at most 78 characters, and never empty, for any title', () => {
  fc.assert(
    fc.property(anyText, fc.nat({ max: 29 }), (title, more) => {
      const subject = subjectLine(title, more);
      expect(subject).not.toMatch(/[\p{Cc}\p{Co}\p{Cs}]/u);
      expect(subject.trim()).not.toBe('');
      expect(Array.from(subject).length).toBeLessThanOrEqual(subjectCharactersMax);
    }),
  );
});
