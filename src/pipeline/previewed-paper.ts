import { spokenTopic } from '../domain/topic-notation.ts';
import { words } from '../words/words.ts';
import type { ChosenPaper, ChosenReason } from './selection.ts';

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
  paper: { key: string; title: string; votes: number; editorNote: string },
): PreviewedPaper {
  return {
    key: paper.key,
    title: paper.title,
    topics: choice.reasons.map(({ name }) => name),
    score: Math.round(choice.score * 10_000) / 10_000,
    why: words.preview.why(choice.reasons.map(said), paper.votes, paper.editorNote !== ''),
  };
}

/** `Efficient inference ('speculative decoding') in the title`, `by Yann LeCun ('Y. LeCun')`, `your likes (“Flow Matching”)`. */
function said({ name, inTitle, phrase, liked }: ChosenReason): string {
  if (liked) return words.preview.likes(name);
  const spoken = spokenTopic(name);
  const isNamed = !phrase || spoken.toLowerCase().endsWith(phrase.toLowerCase());
  return words.preview.reason(spoken, isNamed ? undefined : phrase, inTitle);
}
