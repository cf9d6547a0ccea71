import { words } from '../words/words.ts';
import { clean, cutAtWord } from './clean.ts';

interface MetaFacts {
  authors: readonly string[];
  authorsCount: number;
  organization: string | null;
  publishedAt: Date | null;
  votes: number;
  comments: number;
}

/**
 * Who and when, and the numbers: "Apple · 25 November · ▲ 41 · 2 comments". Dates are in UTC, as the sources give them; the year
 * is shown when the paper is older than about ten months at `today` (`YYYY-MM-DD`).
 */
export function metaLine(paper: MetaFacts, today?: string): string {
  const parts = [who(paper), when(paper.publishedAt, today)];
  if (paper.votes > 0) parts.push(words.numbers.votes(paper.votes));
  if (paper.comments > 0) parts.push(words.numbers.comments(paper.comments));
  return parts.filter(Boolean).join(' · ');
}

function who(paper: MetaFacts): string {
  const organization = cutAtWord(clean(paper.organization ?? ''), nameCharactersMax);
  if (organization) return organization;
  const names = paper.authors.slice(0, 2).map((name) => cutAtWord(clean(name), nameCharactersMax));
  const count = Math.max(paper.authorsCount, paper.authors.length);
  if (count > 2) return words.numbers.authors(count);
  return words.paper.twoAuthors(names.filter(Boolean));
}

function when(publishedAt: Date | null, today: string | undefined): string {
  if (!publishedAt || Number.isNaN(publishedAt.getTime())) return '';
  return words.dates.day(
    publishedAt.getUTCDate(),
    publishedAt.getUTCMonth(),
    isLongAgo(publishedAt, today) ? publishedAt.getUTCFullYear() : undefined,
  );
}

/** Whether a paper of that moment shows its year at `today`: all that the date makes of a card. */
export function isLongAgo(publishedAt: Date | null, today: string | undefined): boolean {
  if (!publishedAt || today === undefined) return false;
  return Date.parse(today) - publishedAt.getTime() > oldAfterMs;
}

const nameCharactersMax = 48;
const oldAfterMs = 300 * 24 * 3600 * 1000;
