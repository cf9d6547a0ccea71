/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Context } from '../context.ts';
import { findNewestDate, type ListedPaper, readListedPapers } from '../db/listings.ts';
import { findOfferedTopic } from '../db/topics.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import { clean } from '../render/clean.ts';
import { metaLine } from '../render/meta.ts';
import { words } from '../words/words.ts';
import { type AtomEntry, atomOf } from './atom.ts';
import { publicly } from './list.ts';
import { paperPath, withQuery } from './paper-links.ts';
import { atom, markup } from './respond.ts';

/** A reader that asks once a day, or comes back after a weekend, misses nothing. */
const feedDays = 4;
const entriesMax = 100;
const authorsMax = 20;

/** The newest lists as Atom, for anyone; `?topic=` takes one topic of them. */
export function publicFeedRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.use('/papers.atom', etag(), publicly);
  routes.get('/papers.atom', async (c) => {
    const slug = c.req.query('topic') || undefined;
    const topic = slug === undefined ? undefined : await findOfferedTopic(ctx.db, slug);
    if (slug !== undefined && !topic) return c.notFound();
    const today = utcDate(ctx.now());
    const newest = (await findNewestDate(ctx.db, today)) ?? today;
    const entries: AtomEntry[] = [];
    for (let back = 0; back < feedDays && entries.length < entriesMax; back++) {
      const date = addDays(newest, -back);
      const days = { from: date, to: date, sort: 'votes' as const, topic: slug, today };
      const { papers } = await readListedPapers(ctx.db, {
        ...days,
        limit: entriesMax - entries.length,
        offset: 0,
      });
      entries.push(...papers.map((paper) => entryOf(ctx.config.publicUrl, paper, date)));
    }
    const query = { topic: slug };
    return atom(
      c,
      atomOf({
        id: ctx.config.publicUrl + withQuery('/papers.atom', query),
        title: topic ? words.feeds.ofTopic(topic.name) : words.site.feedTitle,
        selfUrl: ctx.config.publicUrl + withQuery('/papers.atom', query),
        pageUrl: ctx.config.publicUrl + withQuery('/papers/week', query),
        updated: new Date(`${newest}T00:00:00Z`),
        entries: uniqueById(entries),
      }),
    );
  });
  return routes;
}

/** A paper listed on two days is one entry, with the newer date. */
function uniqueById(entries: readonly AtomEntry[]): AtomEntry[] {
  const seen = new Set<string>();
  return entries.filter(({ id }) => !seen.has(id) && seen.add(id));
}

function entryOf(publicUrl: string, paper: ListedPaper, date: string): AtomEntry {
  const url = publicUrl + paperPath(paper.key);
  return {
    id: url,
    title: clean(paper.title) || words.paper.untitled,
    url,
    updated: new Date(`${date}T00:00:00Z`),
    authors: paper.authors.slice(0, authorsMax).map(clean).filter(Boolean),
    html: markup(<PaperMarkup paper={paper} date={date} />),
  };
}

function PaperMarkup({ paper, date }: { paper: ListedPaper; date: string }) {
  return (
    <>
      <p>{metaLine(paper, date)}</p>
      <p>{clean(paper.summary) || clean(paper.abstract)}</p>
    </>
  );
}
