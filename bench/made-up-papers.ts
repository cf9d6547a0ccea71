import type { LabelledPaper } from './eval/data.ts';
import { randomFrom } from './eval/measures.ts';

/** Papers of made-up words, some common and most rare, where the real ones are not at hand. The same in every run. */
export function madeUpPapers(count: number): LabelledPaper[] {
  const random = randomFrom(3);
  // Squared, so that some words are common and most are rare.
  const word = () => `w${'abcdefghij'.charAt(Math.floor(random() * 10))}${Math.floor(random() ** 2 * 8000)}x`;
  const text = (words: number) => Array.from({ length: words }, word).join(' ');
  return Array.from({ length: count }, (_, n) => ({
    id: `2601.${String(n).padStart(5, '0')}`,
    day: '2026-01-05',
    title: text(10),
    abstract: text(180),
    authors: ['A'],
    categories: [],
    votes: 0,
  }));
}
