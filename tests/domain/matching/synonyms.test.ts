import { expect, test } from 'vitest';
import { spellingsOf } from '../../../src/domain/matching/synonyms.ts';

test.each([
  ['rl', ['rl', '"reinforcement learning"']],
  ['reinforcement learning', ['reinforcement learning', '"rl"']],
  ['rl agents', ['rl agents', '"reinforcement learning" agents']],
  ['"rag systems"', ['"rag systems"', '"retrieval augmented generation systems"']],
  ['llms', ['llms', '"large language model"']],
  ['speech -llm', ['speech -llm']],
  ['speech -"large language model"', ['speech -"large language model"']],
  ['world models', ['world models']],
  ['x-rl', ['x-rl']],
])('%s is looked for as %j', (text, spellings) => {
  expect(spellingsOf(text)).toEqual(spellings);
});

test('several abbreviations in one phrase are spelled out in every way, up to a limit', () => {
  expect(spellingsOf('rl llm').toSorted()).toEqual(
    [
      'rl llm',
      '"reinforcement learning" llm',
      'rl "large language model"',
      '"reinforcement learning" "large language model"',
    ].toSorted(),
  );
  expect(spellingsOf('rl llm')[0]).toBe('rl llm');
  expect(spellingsOf('rl llm vlm rag gan vae').length).toBeLessThanOrEqual(8);
});
