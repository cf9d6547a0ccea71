import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bibtexOf } from '../../src/domain/bibtex.ts';

const paper = {
  key: 'arxiv:2511.20462',
  title: 'STARFlow-V: 50% & more_',
  authors: ['Jiatao Gu', 'Ying Shen'],
  authorsCount: 6,
  publishedAt: new Date('2025-11-25T00:00:00Z'),
  categories: ['cs.CV'],
  url: 'https://arxiv.org/abs/2511.20462',
};

test('a paper is cited with what BibTeX wants of an eprint', () => {
  expect(bibtexOf(paper)).toBe(`@misc{gu2025starflow,
  title = {{STARFlow-V: 50\\% \\& more\\_}},
  author = {Jiatao Gu and Ying Shen and others},
  year = {2025},
  eprint = {2511.20462},
  archivePrefix = {arXiv},
  primaryClass = {cs.CV},
  url = {https://arxiv.org/abs/2511.20462},
}
`);
});

test('whatever a title or a name holds, the braces are balanced and the entry ends where it should', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('}', '{', '\\', '}}\n@misc{x,', '%'));
  fc.assert(
    fc.property(text, text, (title, author) => {
      const entry = bibtexOf({ ...paper, title, authors: [author], publishedAt: null, key: `url:${title}` });
      let depth = 0;
      const closings: number[] = [];
      for (const [at, character] of [...entry].entries()) {
        if (character === '{') depth += 1;
        if (character === '}') depth -= 1;
        if (depth === 0 && character === '}') closings.push(at);
      }
      expect(depth).toBe(0);
      expect(closings.map((at) => [...entry].slice(at))).toEqual([['}', '\n']]);
    }),
  );
});
