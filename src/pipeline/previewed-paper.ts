import type { ChosenPaper } from './composition.ts';

/** A paper of a digest that is not made yet, and why it would be in it. */
export interface PreviewedPaper {
  key: string;
  title: string;
  topics: string[];
  score: number;
  why: string;
}

export function describe(
  choice: ChosenPaper,
  paper: { key: string; title: string; votes: number },
): PreviewedPaper {
  const matched = choice.reasons
    .map(({ name, inTitle }) => `${name}${inTitle ? ' in the title' : ''}`)
    .join(', ');
  const votes = paper.votes === 1 ? '1 vote' : `${paper.votes} votes`;
  return {
    key: paper.key,
    title: paper.title,
    topics: choice.reasons.map(({ name }) => name),
    score: Math.round(choice.score * 10_000) / 10_000,
    why: `matched ${matched || 'nothing'}; ${votes}`,
  };
}
