import { expect, test } from 'vitest';
import type { SourceDay } from '../../src/db/listings.ts';
import { tellLists } from '../../src/pipeline/list-troubles.ts';

const readAt = new Date('2026-03-20T06:00:00Z');
const list = (source: string, day: string, state: SourceDay['state'], note: string | null = null) => ({
  source,
  day,
  state,
  note,
  papers: 0,
  readAt,
});

test('without a network one sentence tells of all sources and days, with the newest reason', () => {
  const away = (name: string, day: string) => `${name} cannot be reached for the list of ${day} (no answer).`;
  expect(
    tellLists([
      list('huggingface', '2026-03-20', 'failed', away('Hugging Face', '2026-03-20')),
      list('arxiv:cs.LG', '2026-03-19', 'failed', away('arXiv', '2026-03-19')),
      list('huggingface', '2026-03-19', 'failed', away('Hugging Face', '2026-03-19')),
    ]),
  ).toEqual({
    troubles: [
      'Hugging Face and arXiv: the lists of Thursday and Friday could not be read (Hugging Face cannot be reached for the list of 2026-03-20 (no answer)).',
    ],
  });
});

test('where the sample edition stands in, that is told and nobody is called', () => {
  expect(
    tellLists([
      list('huggingface', '2026-03-19', 'failed', 'No connection.'),
      list('sample', '2026-03-19', 'complete'),
    ]),
  ).toEqual({
    troubles: [],
    aside:
      'Hugging Face: the list of Thursday could not be read (No connection); the sample edition stands in.',
  });
});

test('one list that failed and one that is out of date are told apart, and good ones not at all', () => {
  expect(
    tellLists([
      list('arxiv:cs.LG', '2026-03-19', 'stale', 'arXiv still served the list of Wednesday.'),
      list('huggingface', '2026-03-19', 'failed'),
      list('file', '2026-03-19', 'partial'),
    ]),
  ).toEqual({
    troubles: [
      'Hugging Face: the list of Thursday could not be read.',
      'arXiv: the list of Thursday is not the current one (arXiv still served the list of Wednesday).',
    ],
  });
});
