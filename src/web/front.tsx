/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Context } from '../context.ts';
import {
  findNeighbours,
  findNewestDate,
  type ListedPaper,
  readListedPapers,
  readSourceDays,
  type SourceDay,
} from '../db/listings.ts';
import { utcDate } from '../domain/cadence.ts';
import { untouched } from './choices.ts';
import { PaperItem } from './paper-item.tsx';
import { page } from './respond.ts';
import { Sheet } from './sheet.tsx';
import { SubscribeForm } from './subscribe-form.tsx';
import { count, longDate, sourceName, weekdayOf } from './wording.ts';

const papersMax = 200;
const cacheControl = 'public, max-age=60';

/** The front page and the archive by day: what was listed, for anyone, with the form to get it by mail. */
export function frontRoutes(ctx: Context): Hono {
  const front = new Hono();
  front.use('/', etag());
  front.use('/papers/:date', etag());

  front.get('/', async (c) => {
    const today = utcDate(ctx.now());
    const date = await findNewestDate(ctx.db, today);
    c.header('Cache-Control', cacheControl);
    if (date === undefined) return page(c, <EmptyPage />);
    return page(c, <DayPage {...await readDay(ctx, date, today)} isFront />);
  });

  front.get('/papers/:date', async (c) => {
    const date = c.req.param('date');
    const today = utcDate(ctx.now());
    if (!isDate(date) || date > today) return c.notFound();
    const day = await readDay(ctx, date, today);
    if (day.papers.length === 0 && day.lists.length === 0) return c.notFound();
    c.header('Cache-Control', cacheControl);
    return page(c, <DayPage {...day} />);
  });
  return front;
}

interface Day {
  date: string;
  today: string;
  papers: ListedPaper[];
  lists: SourceDay[];
  previous: string | null;
  next: string | null;
}

async function readDay(ctx: Context, date: string, today: string): Promise<Day> {
  const [papers, lists, neighbours] = await Promise.all([
    readListedPapers(ctx.db, date, papersMax),
    readSourceDays(ctx.db, date),
    findNeighbours(ctx.db, date, today),
  ]);
  return { date, today, papers, lists, ...neighbours };
}

function DayPage({ date, today, papers, lists, previous, next, isFront }: Day & { isFront?: boolean }) {
  const name = longDate(date, today);
  return (
    <Sheet
      title={isFront ? 'Broadsheet' : `Papers of ${name}`}
      day={`${name} · ${count(papers.length, 'paper')} · ${listState(lists, date, today)}`}
    >
      <h1 class="aside-from-view">{`Papers of ${name}`}</h1>
      {isFront && <SubscribeForm typed={untouched} address="" faults={{}} />}
      {papers.length === 0 && <p class="paper">Nothing was listed on this day.</p>}
      {papers.map((paper, place) => (
        <PaperItem paper={paper} isLead={place === 0} today={today} />
      ))}
      <nav class="turn" aria-label="Other days">
        {previous && (
          <a href={`/papers/${previous}`} rel="prev">
            ← {longDate(previous, today)}
          </a>
        )}
        {next && (
          <a href={`/papers/${next}`} rel="next">
            {next === today ? `${weekdayOf(next)} so far` : longDate(next, today)} →
          </a>
        )}
      </nav>
    </Sheet>
  );
}

function EmptyPage() {
  return (
    <Sheet title="Broadsheet" day="No papers yet">
      <SubscribeForm typed={untouched} address="" faults={{}} />
      <p class="paper">The first list of papers is still on its way. Look again in a minute.</p>
    </Sheet>
  );
}

/** How far the lists of a day have been read, in words. */
function listState(lists: readonly SourceDay[], date: string, today: string): string {
  if (lists.length === 0) return 'the list is being read';
  return lists.map((list) => `${sourceName(list.source)}${stateWords(list, date, today)}`).join(' · ');
}

function stateWords({ state }: SourceDay, date: string, today: string): string {
  switch (state) {
    case 'complete':
      return ', list closed';
    case 'partial':
      return date === today ? ', list still open' : ', list not read to its end';
    case 'stale':
      return ', list older than the day';
    case 'holiday':
      return ' had no list';
    case 'failed':
      return ' could not be read';
  }
}

/** A calendar date as the archive's addresses have them. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text < '1990') return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && utcDate(at) === text;
}
