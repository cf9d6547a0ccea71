import { spokenTopic } from '../domain/topic-notation.ts';
import type { ChosenPaper, ChosenReason } from './composition.ts';

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
  const matched = choice.reasons.map(said).join(', ');
  const votes = paper.votes === 1 ? '1 vote' : `${paper.votes} votes`;
  return {
    key: paper.key,
    title: paper.title,
    topics: choice.reasons.map(({ name }) => name),
    score: Math.round(choice.score * 10_000) / 10_000,
    why: `matched ${matched || 'nothing'}; ${votes}`,
  };
}

/** `Efficient inference ('speculative decoding') in the title`, `by Yann LeCun ('Y. LeCun')`, `your likes (“Flow Matching”)`. */
function said({ name, inTitle, phrase, liked }: ChosenReason): string {
  if (liked) return `your likes (“${name}”)`;
  const spoken = spokenTopic(name);
  const isNamed = !phrase || spoken.toLowerCase().endsWith(phrase.toLowerCase());
  return `${spoken}${isNamed ? '' : ` ('${phrase}')`}${inTitle ? ' in the title' : ''}`;
}
