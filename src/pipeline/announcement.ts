import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { DayState } from '../db/tables/sources.ts';
import { announcementOn } from '../domain/arxiv-calendar.ts';
import type { PaperRecord } from '../domain/paper.ts';
import { arxivPrefix } from '../sources/arxiv-api.ts';
import type { DayReading } from '../sources/source.ts';
import { rejectionNote } from './rejection-note.ts';

/** What a reading says of a day's list, and of which papers the list is. */
export interface Verdict {
  days: { day: string; state: DayState; note?: string }[];
  papers: readonly PaperRecord[];
}

/** Papers of a category that were listed before: some are cross-lists, more than half are yesterday's list. */
const knownShareMax = 0.5;
const knownLeast = 10;

/**
 * Judges arXiv's feed, which can be out of date without a sign: it may still be the day before's, for one category only
 * (16 of 239 papers current, and everything dated today), or empty where a list was due. Papers that such a feed lists
 * again are not listed again. Where only some of the categories are old, the list is partial.
 */
export async function judgeAnnouncement(
  db: Kysely<Database>,
  source: string,
  asked: string,
  reading: DayReading,
): Promise<Verdict> {
  const day = reading.announcedOn ?? asked;
  const own = await judgeDay(db, source, day, reading);
  if (day === asked) return own;
  const expected = announcementOn(asked);
  const other: Verdict['days'][number] =
    expected !== 'list'
      ? { day: asked, state: 'holiday', note: nothing[expected] }
      : day > asked
        ? { day: asked, state: 'failed', note: `arXiv's feed has moved on to ${day}` }
        : { day: asked, state: 'stale', note: `arXiv still served the list of ${day}` };
  // On a quiet day arXiv goes on serving an empty feed of an older date: no proof about that date.
  return { papers: own.papers, days: own.papers.some(isListed) ? [own.days[0]!, other] : [other] };
}

/** What a day without a list is noted with. */
export const nothing = {
  weekend: 'arXiv announces nothing for Saturdays and Sundays',
  holiday: 'arXiv announced nothing: a holiday',
};

const isListed = (paper: PaperRecord): boolean => !paper.isUnlisted;

async function judgeDay(
  db: Kysely<Database>,
  source: string,
  day: string,
  { papers, rejected, cutAt = Infinity, note: remark }: DayReading,
): Promise<Verdict> {
  const listed = papers.filter(isListed);
  const expected = announcementOn(day);
  if (listed.length === 0) {
    const state = expected === 'list' ? 'stale' : 'holiday';
    const note =
      expected === 'list' ? 'arXiv listed nothing new, on a weekday that is no holiday' : nothing[expected];
    return { papers, days: [{ day, state, note }] };
  }
  const known = await findListedBefore(db, day, listed);
  const { stale, categories } = findStale(source, listed, known);
  if (stale.length > 0) {
    const fresh = papers.map((paper) => (known.has(paper.key) ? { ...paper, isUnlisted: true } : paper));
    const note = `arXiv served an old list: ${stale.map(({ category, known: old, all }) => `${old} of ${all} papers in ${category}`).join(', ')} were listed before`;
    return { papers: fresh, days: [{ day, state: stale.length < categories ? 'partial' : 'stale', note }] };
  }
  if (papers.length + rejected.length >= cutAt) {
    const note = `the feed is full at ${cutAt} papers: name fewer categories in one source`;
    return { papers, days: [{ day, state: 'partial', note }] };
  }
  const { note = remark } = rejectionNote(rejected);
  return { papers, days: [{ day, state: 'complete', ...(note !== undefined && { note }) }] };
}

/** The categories whose list is an old one, and how many categories have a list at all. */
function findStale(source: string, listed: readonly PaperRecord[], known: ReadonlySet<string>) {
  const counts = source
    .slice(arxivPrefix.length)
    .split('+')
    .map((category) => {
      const papers = listed.filter(({ categories = [] }) =>
        categories.some((name) => name === category || name.startsWith(`${category}.`)),
      );
      return { category, known: papers.filter(({ key }) => known.has(key)).length, all: papers.length };
    })
    .filter(({ all }) => all > 0);
  const stale = counts.filter(
    (count) => count.known >= knownLeast && count.known > count.all * knownShareMax,
  );
  return { stale, categories: counts.length };
}

/** The keys of papers that arXiv had listed before a day, in whatever categories. */
async function findListedBefore(
  db: Kysely<Database>,
  day: string,
  papers: readonly PaperRecord[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ key: string }>`
    select key from papers p where key = any(${papers.map(({ key }) => key)}) and exists (
      select 1 from listings l where l.paper_id = p.id and l.source like 'arxiv%' and l.listed_on < ${day}::date)
  `.execute(db);
  return new Set(rows.map(({ key }) => key));
}
