/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Context } from '../context.ts';
import { findNeighbours, findNewestDate, readSourceDays, type SourceDay } from '../db/listings.ts';
import { utcDate } from '../domain/cadence.ts';
import { isDate } from '../domain/calendar.ts';
import { weekdayPlace } from '../domain/weekdays.ts';
import { words } from '../words/words.ts';
import { untouched } from './choices.ts';
import { type List, publicly, readList } from './list.ts';
import { PaperList } from './paper-list.tsx';
import { page } from './respond.ts';
import { Sheet } from './sheet.tsx';
import { SubscribeForm } from './subscribe-form.tsx';
import { topicCounts, type TopicRates } from './topic-rates.ts';
import { longDate, sourceName } from './wording.ts';

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

const said = words.front;

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
      title={rates ? words.name : said.papersOf(name)}
      day={said.day(name, list.total, state)}
      section="day"
      isForm={rates !== undefined}
    >
      <h1 class="aside-from-view">{said.papersOf(name)}</h1>
      {rates && <SubscribeForm typed={untouched} address="" faults={{}} rates={rates} />}
      <PaperList {...list} path={rates ? '/' : `/papers/${date}`} today={today}>
        {list.choice.topic ? said.nothingOfTopic : said.nothing}
      </PaperList>
      <nav class="turn" aria-label={said.otherDays}>
        {previous ? (
          <a href={`/papers/${previous}`} rel="prev">
            ← {longDate(previous, today)}
          </a>
        ) : (
          <span />
        )}
        {next && (
          <a href={`/papers/${next}`} rel="next">
            {next === today ? said.soFar(weekdayPlace(next)) : longDate(next, today)} →
          </a>
        )}
      </nav>
    </Sheet>
  );
}

function EmptyPage({ rates }: { rates: TopicRates }) {
  return (
    <Sheet title={words.name} day={said.noPapersYet} section="day" isForm>
      <h1 class="aside-from-view">{said.papersOfTheDay}</h1>
      <SubscribeForm typed={untouched} address="" faults={{}} rates={rates} />
      <p class="paper">{said.onItsWay}</p>
    </Sheet>
  );
}

/** How far the lists of a day have been read, in words. */
function listState(lists: readonly SourceDay[], date: string, today: string): string {
  if (lists.length === 0) return said.list.unread;
  // A source that could not be asked matters only where no other has told of the day.
  const told = lists.filter(({ state }) => state !== 'failed');
  return (told.length > 0 ? told : lists)
    .map(({ source, state }) => stateWords(sourceName(source), state, date === today))
    .join(' · ');
}

function stateWords(source: string, state: SourceDay['state'], isToday: boolean): string {
  return said.list[state === 'partial' && isToday ? 'open' : state](source);
}
