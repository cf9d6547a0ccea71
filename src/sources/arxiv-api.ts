import { feedDayAt } from '../domain/arxiv-calendar.ts';
import { isArxivSubject } from '../domain/arxiv-categories.ts';
import { isPastDay, readPastDay, rereadPastDay } from './arxiv-past.ts';
import { type ArxivAccess, arxivInterface, askArxiv } from './arxiv-request.ts';
import { parseArxivXml } from './arxiv-xml.ts';
import { type Answer, type Archive, type DayReading, type Source, SourceError } from './source.ts';

export interface ArxivOptions extends ArxivAccess {
  /** `cs.LG+cs.CV` */
  categories: string;
  now: () => Date;
}

/** The sources of this kind are named by their categories: `arxiv:cs.LG+cs.CV`. */
export const arxivPrefix = 'arxiv:';
/** arXiv gives no more items in one feed; the rest is cut off without a word. */
const feedItemsMax = 2000;

/**
 * The daily announcement of some categories. Today's is the feed's, in one request: it holds one day only, and says
 * which; asking for a day it does not have yet gives the list it has all the same, and `announcedOn` tells. A day that
 * the feed no longer has is asked of the query API.
 */
export function arxivSource(options: ArxivOptions): Source {
  const { categories } = options;
  const unknown = categories.split('+').filter((category) => !isArxivSubject(category));
  return {
    name: `${arxivPrefix}${categories}`,
    async read(day, signal, archive): Promise<DayReading> {
      if (unknown.length > 0) {
        throw new SourceError('refused', `arXiv has no category ${unknown.join(', ')}. Mend PAPER_SOURCES.`);
      }
      if (day < feedDayAt(options.now())) return readPastDay(options, day, signal, archive);
      const answer = await askFeed(options, signal, archive?.newest);
      if (answer !== archive?.newest) await archive?.keep(answer);
      return readFeed(categories, day, answer);
    },
    reread(day, answer): DayReading {
      return isPastDay(answer) ? rereadPastDay(categories, day, answer) : readFeed(categories, day, answer);
    },
  };
}

async function askFeed(
  options: ArxivOptions,
  signal: AbortSignal,
  newest: Archive['newest'],
): Promise<Answer> {
  const url = new URL(`${arxivInterface(options.baseUrl, 'rss')}/${options.categories}`);
  const answer = await askArxiv(options, url, signal, newest?.etag);
  if (answer.status === 304 && newest) return newest;
  if (answer.status !== 200) {
    throw new SourceError('refused', `arXiv answers ${answer.status} for its feed; it will be asked again.`);
  }
  return { pages: [answer.text], closed: true, etag: answer.etag };
}

function readFeed(categories: string, day: string, { pages }: Answer): DayReading {
  try {
    const reading = parseArxivXml(pages[0] ?? '', { otherwise: day });
    return { ...reading, closed: true, announcedOn: reading.announcedOn ?? day, cutAt: feedItemsMax };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new SourceError('malformed', `arXiv's feed of ${categories} ${error.message}.`, { cause: error });
  }
}
