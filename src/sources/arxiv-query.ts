import { type ArxivReading, gather, type Parsed, type RecordDay, toRecord } from './arxiv-record.ts';
import { moment } from './dates.ts';
import { quote } from './fields.ts';
import { SourceError } from './source.ts';
import { attribute, child, children, childText } from './xml.ts';

/**
 * An answer of the query API. It knows no listing days: the papers' is the one given, or that of their first version.
 * An identifier that arXiv doesn't know is simply missing. Throws SourceError for its error feed.
 */
export function parseQueryFeed(feed: unknown, day: RecordDay): ArxivReading {
  const entries = children(feed, 'entry');
  for (const entry of entries) {
    if (!/\/api\/errors(?:#|$)/.test(childText(entry, 'id') ?? '')) continue;
    throw new SourceError(
      'refused',
      `is arXiv's error ${quote(childText(entry, 'summary'), 160)}, not a list of papers`,
    );
  }
  return { format: 'query', ...gather(entries.map((entry) => parseEntry(entry, day))) };
}

function parseEntry(entry: unknown, day: RecordDay): Parsed {
  const publishedAt = moment(childText(entry, 'published'));
  const categories = [child(entry, 'primary_category'), ...children(entry, 'category')];
  return toRecord({
    id: childText(entry, 'id'),
    title: childText(entry, 'title'),
    abstract: childText(entry, 'summary'),
    comment: childText(entry, 'comment'),
    authors: children(entry, 'author').flatMap((author) => childText(author, 'name') ?? []),
    categories: categories.flatMap((category) => attribute(category, 'term') ?? []),
    publishedAt,
    listedOn: day.date ?? publishedAt?.toISOString().slice(0, 10) ?? day.otherwise,
    authority: 'record',
  });
}
