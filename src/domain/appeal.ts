/** What a paper has whatever the topic: how much it is talked about, how fresh it is, and an editor's word. */
export interface IndexedPaper {
  id: number;
  /** Days from the first listing to the edition's moment, from 0. */
  ageDays: number;
  votes: number;
  /** Votes a day lately, where they were counted more than once. */
  rising?: number;
  /** The same for papers that are nearly the same. */
  twins?: number;
  /** Who made it: its first and last author. */
  authors?: readonly string[];
  organization?: string;
  /** Whether an editor recommends it. */
  isFeatured?: boolean;
}

const trendWeight = 0.45;
const freshnessPerDay = 0.94;
const usualVotesPerDay = 4;
/** What the votes of the last days count beside all votes. */
const risingWeight = 0.6;

/**
 * Votes for the age, and where they were counted twice mostly what came in lately: early votes say more than late
 * ones, and what rises more than what rose. The logarithm keeps one famous paper from ruling.
 */
export function trendOf(paper: IndexedPaper): number {
  const expected = usualVotesPerDay * (1 + Math.min(paper.ageDays, 5));
  const all = Math.max(0, paper.votes) / expected;
  const lately = paper.rising === undefined ? all : Math.max(0, paper.rising) / usualVotesPerDay;
  return 1 + trendWeight * Math.log2(1 + (1 - risingWeight) * all + risingWeight * lately);
}

/**
 * Votes a day over the last two days before `until`, or since they were first counted; undefined where they were counted
 * only once. `counts` in the order of time, all before `until`.
 */
export function risingOf(counts: readonly { votes: number; at: Date }[], until: Date): number | undefined {
  if (counts.length < 2) return undefined;
  const since = until.getTime() - risingDays * dayMs;
  const before = counts.findLast(({ at }) => at.getTime() <= since) ?? counts[0]!;
  const days = Math.max(risingDaysMin, (until.getTime() - before.at.getTime()) / dayMs);
  return (counts.at(-1)!.votes - before.votes) / days;
}
const risingDays = 2;
/** Two counts within a few hours say little about a day. */
const risingDaysMin = 0.25;
const dayMs = 86_400_000;

export function freshnessOf(paper: IndexedPaper): number {
  return freshnessPerDay ** paper.ageDays;
}

/** What a paper has whatever the topic: trend × freshness, and an editor's word. */
export function appealOf(paper: IndexedPaper): number {
  return trendOf(paper) * freshnessOf(paper) * (paper.isFeatured ? featuredLift : 1);
}

/**
 * What an editor's word adds: as much as a reader's own "more of this topic". It lifts a paper over others that are nearly
 * as good, and brings it to nobody whose topics it does not match.
 */
export const featuredLift = 1.3;
