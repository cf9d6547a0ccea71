import { isDailyAtom, parseAtomFeed, parseRssFeed } from './arxiv-feed.ts';
import { type OaiReading, parseOai } from './arxiv-oai.ts';
import { parseQueryFeed } from './arxiv-query.ts';
import type { ArxivReading, RecordDay } from './arxiv-record.ts';
import { type Fields, isObject } from './fields.ts';
import { SourceError } from './source.ts';
import { child, children, childText, parseXml, XmlFault } from './xml.ts';

/**
 * Any of arXiv's XML, told apart by its root: the daily feed as RSS or Atom, an answer of the query API, an answer of
 * OAI-PMH. Throws SourceError; its message continues a sentence that begins with what was read.
 */
export function parseArxivXml(text: string, day: RecordDay): ArxivReading {
  const document = parseDocument(text);
  const rss = child(document, 'rss');
  if (child(rss, 'channel') !== undefined) return parseRssFeed(rss, day);
  if (rss !== undefined) throw new SourceError('malformed', 'is an RSS document without a channel');
  const oai = child(document, 'OAI-PMH');
  if (oai !== undefined) return parseOai(oai, day);
  const feed = child(document, 'feed');
  if (isArxivFeed(feed)) return isDailyAtom(feed) ? parseAtomFeed(feed, day) : parseQueryFeed(feed, day);
  if (feed !== undefined) throw new SourceError('malformed', "is an Atom feed, but none of arXiv's");
  const root = Object.keys(document).find((name) => !name.startsWith('#')) ?? 'nothing';
  throw new SourceError(
    'malformed',
    `is XML that begins with <${root.replaceAll(/[^\w.:-]/g, '').slice(0, 40)}>, none of arXiv's feeds or answers`,
  );
}

/** An answer of OAI-PMH, with the token by which its list goes on. Throws SourceError for anything else. */
export function parseOaiXml(text: string, day: RecordDay): OaiReading {
  const oai = child(parseDocument(text), 'OAI-PMH');
  if (oai === undefined) throw new SourceError('malformed', 'is no answer of OAI-PMH');
  return parseOai(oai, day);
}

/** Somebody's empty feed is no proof that arXiv announced nothing. */
function isArxivFeed(feed: unknown): feed is Fields {
  return (
    isObject(feed) &&
    (children(feed, 'entry').length > 0 || /\barxiv\.org\b/.test(childText(feed, 'id') ?? ''))
  );
}

function parseDocument(text: string): Fields {
  try {
    return parseXml(text);
  } catch (error) {
    if (error instanceof XmlFault) throw new SourceError('malformed', error.message, { cause: error });
    throw error;
  }
}
