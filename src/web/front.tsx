/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Context } from '../context.ts';
import { findNeighbours, findNewestDate, readSourceDays, type SourceDay } from '../db/listings.ts';
import { utcDate } from '../domain/cadence.ts';
import { isDate } from '../domain/calendar.ts';
import { untouched } from './choices.ts';
import { type List, publicly, readList } from './list.ts';
import { PaperList } from './paper-list.tsx';
import { page } from './respond.ts';
import { Sheet } from './sheet.tsx';
import { SubscribeForm } from './subscribe-form.tsx';
import { topicCounts, type TopicRates } from './topic-rates.ts';
import { count, longDate, sourceName, weekdayOf } from './wording.ts';

/** The front page and the archive by day: what was listed, for anyone, with the form to get it by mail. */
export function frontRoutes(ctx: Context): Hono {
  const front = new Hono();
  front.use('/', etag(), publicly);
  front.use('/papers/:date', etag(), publicly);

  front.get('/', async (c) => {
    const today = utcDate(ctx.now());
    const date = await findNewestDate(ctx.db, today);
    const rates = await topicCounts(ctx);
    if (date === undefined) return page(c, <EmptyPage rates={rates} />);
    const day = await readDay(c, ctx, date, today);
    return day ? page(c, <DayPage {...day} rates={rates} />) : c.notFound();
  });

  front.get('/papers/:date', async (c) => {
    const date = c.req.param('date');
    const today = utcDate(ctx.now());
    if (!isDate(date) || date > today) return c.notFound();
    const day = await readDay(c, ctx, date, today);
    if (!day || (day.list.total === 0 && day.lists.length === 0 && !day.list.choice.topic))
      return c.notFound();
    return page(c, <DayPage {...day} />);
  });
  return front;
}

interface Day {
  date: string;
  today: string;
  list: List;
  lists: SourceDay[];
  previous: string | null;
  next: string | null;
}

async function readDay(c: HttpContext, ctx: Context, date: string, today: string): Promise<Day | undefined> {
  const days = { from: date, to: date };
  const [list, lists, neighbours] = await Promise.all([
    readList(c, ctx, days, ['votes']),
    readSourceDays(ctx.db, date),
    findNeighbours(ctx.db, days, today),
  ]);
  return list && { date, today, list, lists, ...neighbours };
}

/** With `rates` it is the front page. */
function DayPage({ date, today, list, lists, previous, next, rates }: Day & { rates?: TopicRates }) {
  const name = longDate(date, today);
  const state = listState(lists, date, today);
  return (
    <Sheet
      title={rates ? 'Broadsheet' : `Papers of ${name}`}
      day={`${name} · ${count(list.total, 'paper')} · ${state}`}
      section="day"
      isForm={rates !== undefined}
    >
      <h1 class="aside-from-view">{`Papers of ${name}`}</h1>
      {rates && <SubscribeForm typed={untouched} address="" faults={{}} rates={rates} />}
      <PaperList {...list} path={rates ? '/' : `/papers/${date}`} today={today}>
        {list.choice.topic
          ? 'Nothing of this topic was listed on this day.'
          : 'Nothing was listed on this day.'}
      </PaperList>
      <nav class="turn" aria-label="Other days">
        {previous ? (
          <a href={`/papers/${previous}`} rel="prev">
            ← {longDate(previous, today)}
          </a>
        ) : (
          <span />
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

function EmptyPage({ rates }: { rates: TopicRates }) {
  return (
    <Sheet title="Broadsheet" day="No papers yet" section="day" isForm>
      <h1 class="aside-from-view">Papers of the day</h1>
      <SubscribeForm typed={untouched} address="" faults={{}} rates={rates} />
      <p class="paper">The first list of papers is still on its way. Look again in a minute.</p>
    </Sheet>
  );
}

/** How far the lists of a day have been read, in words. */
function listState(lists: readonly SourceDay[], date: string, today: string): string {
  if (lists.length === 0) return 'the list is being read';
  // A source that could not be asked matters only where no other has told of the day.
  const told = lists.filter(({ state }) => state !== 'failed');
  return (told.length > 0 ? told : lists)
    .map((list) => `${sourceName(list.source)}${stateWords(list, date, today)}`)
    .join(' · ');
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
