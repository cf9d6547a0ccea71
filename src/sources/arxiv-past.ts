import { receivedFor } from '../domain/arxiv-calendar.ts';
import { arxivCategory } from '../domain/arxiv-categories.ts';
import { gather } from './arxiv-record.ts';
import type { ArxivOptions } from './arxiv-api.ts';
import { arxivInterface, askArxiv } from './arxiv-request.ts';
import { parseArxivXml } from './arxiv-xml.ts';
import { type Answer, type Archive, type DayReading, SourceError } from './source.ts';

/** arXiv gives at most 2,000 in one answer, and is quicker with fewer. */
const pageEntries = 1000;
/** A Tuesday of all of computer science has some 1,500. */
const pagesMax = 12;
/** Right after the announcement the query API refuses nearly everybody. */
const quiet = { from: '00:00', until: '01:30' } as const;

/**
 * A day that the feed no longer has, from the query API: the papers received for that day's announcement, in their
 * present version. Old papers that were cross-listed on the day are not among them. Throws SourceError in the hour and a
 * half after midnight (UTC), when arXiv wants to be left alone.
 */
export async function readPastDay(
  options: ArxivOptions,
  day: string,
  signal: AbortSignal,
  archive: Archive | undefined,
): Promise<DayReading> {
  const time = options.now().toISOString().slice(11, 16);
  if (time >= quiet.from && time < quiet.until) {
    throw new SourceError(
      'refused',
      `arXiv's query API is not asked between ${quiet.from} and ${quiet.until} UTC, right after the announcement.`,
    );
  }
  const pages: string[] = [];
  for (let start = 0; start < pagesMax * pageEntries; start += pageEntries) {
    const text = await askPage(options, day, start, signal);
    pages.push(text);
    const { entries, total } = countOf(text);
    if (start + pageEntries >= total) break;
    // The API is known to give an empty page in the middle of a list: that is no end.
    if (entries === 0)
      throw new SourceError('malformed', `arXiv's list of ${day} broke off at ${start} of ${total}.`);
    if (pages.length === pagesMax) {
      throw new SourceError(
        'refused',
        `arXiv has ${total} papers for ${day}: name fewer categories in one source.`,
      );
    }
  }
  const answer: Answer = { pages, closed: true };
  await archive?.keep(answer);
  return rereadPastDay(options.categories, day, answer);
}

/** Whether an answer kept is the query API's. */
export function isPastDay({ pages }: Answer): boolean {
  return /<(?:opensearch:)?totalResults|\/\/arxiv\.org\/api\//.test(pages[0]?.slice(0, 5000) ?? '');
}

/** The same from an answer kept. */
export function rereadPastDay(categories: string, day: string, { pages }: Answer): DayReading {
  const readings = pages.map((page) => {
    try {
      const reading = parseArxivXml(page, { date: day, otherwise: day });
      if (reading.format === 'query') return reading;
      throw new SourceError('malformed', "is none of its query API's");
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      throw new SourceError(error.kind, `arXiv's list of ${categories} for ${day} ${error.message}.`, {
        cause: error,
      });
    }
  });
  const rejected = readings.flatMap((reading, page) =>
    reading.rejected.map(({ index, reason }) => ({ index: page * pageEntries + index, reason })),
  );
  const { papers } = gather(readings.flatMap((reading) => reading.papers));
  return {
    papers,
    rejected,
    closed: true,
    announcedOn: day,
    note: "from arXiv's query API: older papers that were cross-listed on the day are missing",
  };
}

async function askPage(
  options: ArxivOptions,
  day: string,
  start: number,
  signal: AbortSignal,
): Promise<string> {
  const { from, until } = receivedFor(day);
  const categories = options.categories.split('+').map((code) => `cat:${arxivCategory(code) ?? `${code}.*`}`);
  const url = new URL(arxivInterface(options.baseUrl, 'api/query'));
  url.searchParams.set(
    'search_query',
    `(${categories.join(' OR ')}) AND submittedDate:[${minute(from)} TO ${minute(until)}]`,
  );
  url.searchParams.set('start', String(start));
  url.searchParams.set('max_results', String(pageEntries));
  url.searchParams.set('sortBy', 'submittedDate');
  url.searchParams.set('sortOrder', 'ascending');
  const { status, text } = await askArxiv(options, url, signal);
  if (status === 200) return text;
  throw new SourceError('refused', `arXiv answers ${status} for its list of ${day}; it will be asked again.`);
}

/** `202609241800`, in UTC, as arXiv takes it. */
const minute = (at: Date): string => at.toISOString().replaceAll(/\D/g, '').slice(0, 12);

function countOf(text: string): { entries: number; total: number } {
  const total = /<(?:opensearch:)?totalResults[^>]*>\s*(\d{1,9})\s*</.exec(text)?.[1];
  return { entries: text.match(/<entry[\s>]/g)?.length ?? 0, total: Number(total ?? 0) };
}
