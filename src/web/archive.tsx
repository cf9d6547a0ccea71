/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Context } from '../context.ts';
import { findNeighbours, findNewestDate } from '../db/listings.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import { type Days, daysOfMonth, daysOfWeek, monthOf, weekOf } from '../domain/calendar.ts';
import { candidateDays } from '../domain/ranking.ts';
import { words } from '../words/words.ts';
import { type List, publicly, readList } from './list.ts';
import { PaperList } from './paper-list.tsx';
import { page } from './respond.ts';
import { type Section, Sheet } from './sheet.tsx';
import { shortDate } from './wording.ts';

const said = words.archive;

/** A kind of stretch that the archive has pages for. */
interface Stretch {
  section: Section & ('week' | 'month');
  daysOf(name: string): Days | undefined;
  nameOf(date: string): string;
  titleOf(name: string, days: Days): string;
}

const stretches: readonly Stretch[] = [
  {
    section: 'week',
    daysOf: daysOfWeek,
    nameOf: weekOf,
    titleOf: (name, { from, to }) =>
      words.dates.week(Number(name.slice(6)), name.slice(0, 4), shortDate(from), shortDate(to)),
  },
  {
    section: 'month',
    daysOf: daysOfMonth,
    nameOf: monthOf,
    titleOf: (name) => words.dates.month(Number(name.slice(5)) - 1, name.slice(0, 4)),
  },
];

/** The archive by week and by month, and what is trending. */
export function archiveRoutes(ctx: Context): Hono {
  const routes = new Hono();
  for (const stretch of stretches) {
    const root = `/papers/${stretch.section}`;
    routes.use(root, etag(), publicly);
    routes.use(`${root}/:name`, etag(), publicly);
    routes.get(root, async (c) => {
      const today = utcDate(ctx.now());
      const newest = (await findNewestDate(ctx.db, today)) ?? today;
      return showStretch(c, ctx, stretch, stretch.nameOf(newest));
    });
    routes.get(`${root}/:name`, (c) => showStretch(c, ctx, stretch, c.req.param('name')));
  }

  routes.use('/papers/trending', etag(), publicly);
  routes.get('/papers/trending', async (c) => {
    const today = utcDate(ctx.now());
    const days = { from: addDays(today, -candidateDays), to: today };
    const list = await readList(c, ctx, days, ['trending', 'votes']);
    return list ? page(c, <TrendingPage list={list} today={today} />) : c.notFound();
  });
  return routes;
}

async function showStretch(c: HttpContext, ctx: Context, stretch: Stretch, name: string): Promise<Response> {
  const today = utcDate(ctx.now());
  const days = stretch.daysOf(name);
  if (!days || days.from > today) return c.notFound();
  const [list, { previous, next }] = await Promise.all([
    readList(c, ctx, days, ['votes', 'trending', 'newest']),
    findNeighbours(ctx.db, days, today),
  ]);
  if (!list) return c.notFound();
  const neighbours = {
    previous: previous && stretch.nameOf(previous),
    next: next && stretch.nameOf(next),
  };
  return page(c, <StretchPage {...{ stretch, name, days, list, today, ...neighbours }} />);
}

interface StretchPageProps {
  stretch: Stretch;
  name: string;
  days: Days;
  list: List;
  today: string;
  previous: string | null;
  next: string | null;
}

function StretchPage({ stretch, name, days, list, today, previous, next }: StretchPageProps) {
  const title = stretch.titleOf(name, days);
  const at = (other: string) => `/papers/${stretch.section}/${other}`;
  const titleAt = (other: string) => stretch.titleOf(other, stretch.daysOf(other)!);
  return (
    <Sheet title={title} day={said.day(title, list.total)} section={stretch.section}>
      <h1 class="aside-from-view">{said.papersOf(title)}</h1>
      <PaperList {...list} path={at(name)} today={today}>
        {said.nothing(stretch.section, list.choice.topic !== undefined)}
      </PaperList>
      <nav class="turn" aria-label={said.others[stretch.section]}>
        {previous ? (
          <a href={at(previous)} rel="prev">
            ← {titleAt(previous)}
          </a>
        ) : (
          <span />
        )}
        {next && (
          <a href={at(next)} rel="next">
            {titleAt(next)} →
          </a>
        )}
      </nav>
    </Sheet>
  );
}

function TrendingPage({ list, today }: { list: List; today: string }) {
  return (
    <Sheet title={said.trending} day={said.trendingDay(list.total)} section="trending">
      <h1 class="aside-from-view">{said.trendingPapers}</h1>
      <PaperList {...list} path="/papers/trending" today={today}>
        {said.nothingTrending}
      </PaperList>
    </Sheet>
  );
}
