import { categoryTopics } from './definitions.ts';
import { auc, bootstrap, difference, type Interval, mean, measureAll, ndcgAt } from './measures.ts';
import type { ScoredList } from './topics-run.ts';

/** The measures of one system over some lists: averages over topics. */
export interface Summary extends Record<Measure, Interval> {
  system: string;
}

export const measures = ['auc', 'averagePrecision', 'precision10', 'ndcg10', 'ndcg10PerList'] as const;
/** `ndcg10PerList` is nDCG@10 of each list, averaged: what a reader of a daily mail sees. The others are of all lists as one. */
export type Measure = (typeof measures)[number];

/** How much better one system is than the best of some others, by measure, and which that is. */
export type Margins = Record<Measure, { over: string; by: Interval }>;

export function marginsOf(own: Summary, others: readonly Summary[]): Margins {
  const margins = measures.map((measure) => {
    const best = others.reduce((a, b) => (b[measure].value > a[measure].value ? b : a));
    return [measure, { over: best.system, by: difference(own[measure], best[measure]) }];
  });
  return Object.fromEntries(margins) as Margins;
}

/** Every system that scored the lists. Intervals by resampling whole lists: days differ more than papers do. */
export function summarise(lists: readonly ScoredList[], resamplings: number): Summary[] {
  const systems = [...(lists[0]?.scores.keys() ?? [])];
  const labels = new Map(lists.map((list) => [list, labelsOf(list)]));
  return systems.map((system) => {
    const perList = new Map(lists.map((list) => [list, ndcgOf(list, system, labels.get(list)!)]));
    const measure = (drawn: readonly ScoredList[]) => {
      const byTopic = categoryTopics.map((_, n) => {
        const scores = joined(drawn.map((list) => list.scores.get(system)![n]!));
        return measureAll(scores, joined(drawn.map((list) => labels.get(list)![n]!)));
      });
      return {
        auc: mean(byTopic.map((one) => one.auc)),
        averagePrecision: mean(byTopic.map((one) => one.averagePrecision)),
        precision10: mean(byTopic.map((one) => one.precision10)),
        ndcg10: mean(byTopic.map((one) => one.ndcg10)),
        ndcg10PerList: mean(categoryTopics.map((_, n) => mean(drawn.map((list) => perList.get(list)![n]!)))),
      };
    };
    return { system, ...bootstrap(lists, measure, resamplings) };
  });
}

function joined(parts: readonly ArrayLike<number>[]): Float64Array {
  const all = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** One system's measures of each topic, over all lists. */
export function byTopic(lists: readonly ScoredList[], system: string) {
  return categoryTopics.map(({ category, name }, n) => {
    const scores = Float64Array.from(lists.flatMap((list) => [...list.scores.get(system)![n]!]));
    const labels = Uint8Array.from(lists.flatMap((list) => [...labelsOf(list)[n]!]));
    return {
      category,
      name,
      papers: labels.reduce((sum, label) => sum + label, 0),
      auc: auc(scores, labels),
      ndcg10PerList: mean(lists.map((list) => ndcgAt(list.scores.get(system)![n]!, labelsOf(list)[n]!, 10))),
    };
  });
}

function ndcgOf(list: ScoredList, system: string, labels: readonly Uint8Array[]): number[] {
  return categoryTopics.map((_, n) => ndcgAt(list.scores.get(system)![n]!, labels[n]!, 10));
}

function labelsOf({ papers }: ScoredList): Uint8Array[] {
  return categoryTopics.map(({ category }) =>
    Uint8Array.from(papers, ({ categories }) => Number(categories.includes(category))),
  );
}
