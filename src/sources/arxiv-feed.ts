import { type ArxivReading, gather, type Parsed, type RecordDay, toRecord } from './arxiv-record.ts';
import { splitAuthors } from './arxiv-names.ts';
import { moment, writtenDay } from './dates.ts';
import type { Fields } from './fields.ts';
import { attribute, child, children, childText, textOf } from './xml.ts';

/**
 * The daily announcement as RSS 2.0. New papers and cross-lists are the day's list, even where an old paper is listed
 * under one more category; replacements only tell of papers listed before.
 */
export function parseRssFeed(rss: unknown, day: RecordDay): ArxivReading {
  const channel = child(rss, 'channel');
  const announcedOn =
    writtenDay(childText(channel, 'pubDate')) ?? writtenDay(childText(channel, 'lastBuildDate')) ?? day.date;
  const parsed = children(channel, 'item').map((item) =>
    parseItem({
      id: childText(item, 'guid') ?? childText(item, 'link'),
      title: childText(item, 'title'),
      text: childText(item, 'description'),
      type: childText(item, 'announce_type'),
      creators: children(item, 'creator'),
      categories: children(item, 'category').map(textOf),
      listedOn: announcedOn ?? writtenDay(childText(item, 'pubDate')) ?? day.otherwise,
    }),
  );
  return toReading(parsed, announcedOn);
}

/** The same as Atom. Its `updated` is a moment in UTC, always after midnight in New York: of the same date. */
export function parseAtomFeed(feed: unknown, day: RecordDay): ArxivReading {
  const announcedOn = moment(childText(feed, 'updated'))?.toISOString().slice(0, 10) ?? day.date;
  const parsed = children(feed, 'entry').map((entry) =>
    parseItem({
      id: childText(entry, 'id') ?? attribute(child(entry, 'link'), 'href'),
      title: childText(entry, 'title'),
      text: childText(entry, 'summary'),
      type: childText(entry, 'announce_type'),
      creators: children(entry, 'creator'),
      categories: children(entry, 'category').map((category) => attribute(category, 'term')),
      listedOn: announcedOn ?? writtenDay(childText(entry, 'published')) ?? day.otherwise,
    }),
  );
  return toReading(parsed, announcedOn);
}

/** Whether an Atom feed is the daily one, not an answer of the query API. */
export function isDailyAtom(feed: Fields): boolean {
  return (
    /\/\/rss\.arxiv\.org\//.test(childText(feed, 'id') ?? '') ||
    children(feed, 'entry').some((entry) => child(entry, 'announce_type') !== undefined)
  );
}

interface Item {
  id: string | undefined;
  title: string | undefined;
  text: string | undefined;
  type: string | undefined;
  creators: unknown[];
  categories: (string | undefined)[];
  listedOn: string;
}

function parseItem(item: Item): Parsed {
  const [head, announced] = prefix.exec(item.text ?? '') ?? [];
  const type = item.type ?? announced;
  return toRecord({
    id: item.id,
    title: item.title?.replace(oldTail, ''),
    abstract: item.text?.slice(head?.length ?? 0),
    authors: item.creators.flatMap((creator) => splitAuthors(textOf(creator) ?? '')),
    categories: item.categories.filter((category) => category !== undefined),
    listedOn: item.listedOn,
    // A type that we don't know must not make an old paper news.
    isUnlisted: type !== undefined && type !== 'new' && type !== 'cross',
    authority: 'feed',
  });
}

/** What stands before every abstract: `arXiv:2604.21935v1 Announce Type: new`, then `Abstract:`. */
const prefix = /^\s*arXiv:\S{1,40}\s+Announce Type:\s*([a-z-]{1,20})\s+(?:Abstract:\s*)?/i;
/** What stood behind every title until 2024. */
const oldTail = /\s*\(arXiv:\S{1,40}(?: \[[^\]]{1,40}\])?(?: [A-Z ]{1,40})?\)\s*$/;

function toReading(parsed: Parsed[], announcedOn: string | undefined): ArxivReading {
  return { format: 'feed', ...gather(parsed), ...(announcedOn !== undefined && { announcedOn }) };
}
