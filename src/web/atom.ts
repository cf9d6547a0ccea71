import { words } from '../words/words.ts';

/** A feed in Atom (RFC 4287). Texts are plain; `html` is markup that was escaped where it was made. */
export interface AtomFeed {
  id: string;
  title: string;
  /** Where the feed itself is, and the page that it follows. */
  selfUrl: string;
  pageUrl: string;
  updated: Date;
  entries: readonly AtomEntry[];
}

export interface AtomEntry {
  id: string;
  title: string;
  url: string;
  updated: Date;
  authors: readonly string[];
  html: string;
}

export function atomOf(feed: AtomFeed): string {
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${words.language}">`,
    `<id>${xml(feed.id)}</id>`,
    `<title>${xml(feed.title)}</title>`,
    `<updated>${feed.updated.toISOString()}</updated>`,
    `<link rel="self" type="application/atom+xml" href="${xml(feed.selfUrl)}"/>`,
    `<link rel="alternate" type="text/html" href="${xml(feed.pageUrl)}"/>`,
    // RFC 4287, 4.1.1: a feed whose entries may lack an author has one itself.
    `<author><name>${xml(words.name)}</name></author>`,
    '<generator>Broadsheet</generator>',
    ...feed.entries.map(entryOf),
    '</feed>',
    '',
  ].join('\n');
}

/** Text for an XML document: what XML 1.0 can't hold at all is left out, what means something to it is escaped. */
export function xml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function entryOf({ id, title, url, updated, authors, html }: AtomEntry): string {
  return [
    '<entry>',
    `<id>${xml(id)}</id>`,
    `<title>${xml(title)}</title>`,
    `<link rel="alternate" type="text/html" href="${xml(url)}"/>`,
    `<updated>${updated.toISOString()}</updated>`,
    ...authors.map((name) => `<author><name>${xml(name)}</name></author>`),
    `<content type="html">${xml(html)}</content>`,
    '</entry>',
  ].join('\n');
}
