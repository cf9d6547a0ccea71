import { trendOf } from '../../src/domain/appeal.ts';
import { categoryTopics } from './definitions.ts';
import { mean, ndcgAt } from './measures.ts';
import { ours, type ScoredList } from './topics-run.ts';

/** How well the first ten of a topic are those that belong to it and that the community raised. */
export interface Agreement {
  system: string;
  /** nDCG@10 where a paper of the topic gains by its votes (log2), any other nothing. */
  value: number;
  /** The share of the first ten that belong to the topic. */
  precision: number;
}

const relevantMin = 3;

/** Early votes on Hugging Face as the judges, on lists where a topic has at least three papers. */
export function agreementOn(lists: readonly ScoredList[]): Agreement[] {
  const systems: Record<string, (relevance: number, votes: number, place: number) => number> = {
    'votes alone (as Hugging Face sorts)': (_, votes) => votes,
    'relevance alone': (relevance) => relevance,
    'Broadsheet: relevance × trend': (relevance, votes) => relevance * trendOf({ id: 0, ageDays: 1, votes }),
    'the order of the list': (_relevance, _votes, place) => -place,
  };
  return Object.entries(systems).map(([system, scoreOf]) => {
    const [values, precisions]: [number[], number[]] = [[], []];
    for (const { papers, scores } of lists) {
      for (const [n, { category }] of categoryTopics.entries()) {
        const isOf = papers.map(({ categories }) => categories.includes(category));
        if (isOf.filter(Boolean).length < relevantMin) continue;
        const relevance = scores.get(ours('full'))![n]!;
        const scored = papers.map(({ votes }, place) => scoreOf(relevance[place]!, votes, place));
        const gains = papers.map(({ votes }, place) => (isOf[place] ? Math.log2(2 + votes) : 0));
        const first = [...papers.keys()].toSorted((a, b) => scored[b]! - scored[a]! || a - b).slice(0, 10);
        values.push(ndcgAt(scored, gains, 10));
        precisions.push(
          first.filter((place) => isOf[place]).length / Math.min(10, isOf.filter(Boolean).length),
        );
      }
    }
    return { system, value: mean(values), precision: mean(precisions) };
  });
}
