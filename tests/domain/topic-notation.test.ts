import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { nameOfLike, parseTopic, phraseCharactersMax } from '../../src/domain/topic.ts';
import { bareTopic, spokenTopic } from '../../src/domain/topic-notation.ts';

describe('a topic by its kind', () => {
  test.each([
    ['author: Yann LeCun', 'author', 'lecun, yann', 'author: Yann LeCun'],
    ['Author:"LeCun, Yann"', 'author', 'lecun, yann', 'author: Yann LeCun'],
    ['author: José García', 'author', 'garcia, jose', 'author: José García'],
    ['org: DeepMind', 'organization', 'deepmind', 'org: DeepMind'],
    ['organisation: deepmind', 'organization', 'deepmind', 'org: deepmind'],
    ['category: cs.ro', 'category', 'cs.RO', 'category: cs.RO'],
    ['cat: math.MP', 'category', 'math-ph', 'category: math-ph'],
    ['category: math', 'category', 'math', 'category: math'],
    ['category: cs.RO -Survey -"video games"', 'category', 'cs.RO -survey -"video games"', undefined],
    ['like: https://arxiv.org/abs/2511.20462v2', 'like', 'arxiv:2511.20462', 'like: 2511.20462'],
    ['like: 2511.20462 Flow Matching', 'like', 'arxiv:2511.20462', 'like: 2511.20462 Flow Matching'],
    ['category theory', 'phrase', 'category theory', 'category theory'],
    ['topic: Robotics', 'phrase', expect.any(String), 'Robotics'],
  ])('%s is %s %s', (text, kind, definition, name) => {
    expect(parseTopic(text)).toMatchObject({ kind, definition, ...(name && { name }) });
  });

  test.each([
    ['author: LeCun', 'family name only'],
    ['author:', 'names nobody'],
    ['author: -LeCun', 'names nobody'],
    ['org: AI research lab', 'names no organisation'],
    ['category: theory', 'names no category'],
    ['category: cs.RO -the', 'only common words'],
    ['like: this', 'names no paper'],
    ['topic: basket weaving', 'can be chosen by name'],
    [`author: ${'Yann '.repeat(20)}LeCun`, 'too long'],
  ])('%s is refused', (text, fault) => {
    expect(parseTopic(text)).toEqual({ fault: expect.stringContaining(fault) });
  });

  test('has a name that reads back as the same topic, whatever was typed', () => {
    const text = fc
      .tuple(
        fc.constantFrom('author: ', 'ORG:', 'category: ', 'like: ', 'topic: ', ''),
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 30 }),
          fc.constantFrom('Yann LeCun', 'cs.RO', '2511.20462v3', 'DeepMind', 'LeCun, "Yann"'),
        ),
        fc.constantFrom('', ' -survey', ' -"video  games"', ' -', ' - -x', ' "'),
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (given) => {
        const topic = parseTopic(given);
        if ('fault' in topic) return;
        expect(parseTopic(topic.name)).toEqual(topic);
        expect(spokenTopic(topic.name)).not.toBe('');
        expect(bareTopic(topic.name)).not.toBe('');
      }),
      { numRuns: 3000 },
    );
  });
});

test('sentences say whom a paper is by, whom it is from, and what it is in', () => {
  expect(spokenTopic('author: Yann LeCun')).toBe('by Yann LeCun');
  expect(spokenTopic('org: DeepMind')).toBe('from DeepMind');
  expect(spokenTopic('category: cs.RO -survey -"video games"')).toBe(
    'in cs.RO without survey or "video games"',
  );
  expect(spokenTopic('like: 2511.20462 Flow Matching')).toBe('like “Flow Matching”');
  expect(spokenTopic('like: 2511.20462')).toBe('like arXiv 2511.20462');
  expect(spokenTopic('flow matching')).toBe('flow matching');
  expect(bareTopic('author: Yann LeCun')).toBe('Yann LeCun');
  expect(bareTopic('Robotics')).toBe('Robotics');
});

test('the name of a topic "like this paper" has its title, is no longer than a topic may be, and reads back', () => {
  const name = nameOfLike('arxiv:2511.20462', `Flow; Matching ${'and more '.repeat(20)}`);
  expect(Array.from(name).length).toBeLessThanOrEqual(phraseCharactersMax);
  expect(name).toMatch(/^like: 2511\.20462 Flow Matching and more .*…$/);
  expect(parseTopic(name)).toEqual({ kind: 'like', definition: 'arxiv:2511.20462', name });
});
