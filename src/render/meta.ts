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
  if (paper.votes > 0) parts.push(`▲${together}${thousands(paper.votes)}`);
  if (paper.comments > 0)
    parts.push(`${thousands(paper.comments)}${together}${paper.comments === 1 ? 'comment' : 'comments'}`);
  return parts.filter(Boolean).join(' · ');
}

/** A number stays on the line of what it counts. */
const together = '\u00a0';

/** 1,234,567, the same on every machine. */
export function thousands(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

export const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

function who(paper: MetaFacts): string {
  const organization = cutAtWord(clean(paper.organization ?? ''), nameCharactersMax);
  if (organization) return organization;
  const names = paper.authors.slice(0, 2).map((name) => cutAtWord(clean(name), nameCharactersMax));
  const count = Math.max(paper.authorsCount, paper.authors.length);
  if (count > 2) return `${thousands(count)} authors`;
  return names.filter(Boolean).join(' and ');
}

function when(publishedAt: Date | null, today: string | undefined): string {
  if (!publishedAt || Number.isNaN(publishedAt.getTime())) return '';
  const day = `${publishedAt.getUTCDate()} ${months[publishedAt.getUTCMonth()]}`;
  const isOld = today !== undefined && Date.parse(today) - publishedAt.getTime() > oldAfterMs;
  return isOld ? `${day} ${publishedAt.getUTCFullYear()}` : day;
}

const nameCharactersMax = 48;
const oldAfterMs = 300 * 24 * 3600 * 1000;
