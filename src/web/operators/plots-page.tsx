/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import type { EditionOutcomes } from '../../db/edition-facts.ts';
import { listEditionDates } from '../../db/ledger.ts';
import { countByHour, countPapersByTopic, countReadersByDay, type ReaderDay } from '../../db/plots.ts';
import { addDays, utcDate } from '../../domain/cadence.ts';
import { page } from '../respond.ts';
import type { EditionCounts } from './edition-counts.ts';
import { HourBars } from './hour-bars.tsx';
import { keepCounts } from './kept-counts.ts';
import { LinePlot, type Series } from './line-plot.tsx';
import { OperatorSheet } from './operator-sheet.tsx';

const daysPlotted = 30;
const hoursPlotted = 48;
const topicsPlotted = 3;
const freshMs = 10 * 60_000;

/** What the page of the day has no room for: how fast, how large, of what, and for how many. */
export function plotRoutes(ctx: Context, counts: EditionCounts): Hono {
  const routes = new Hono();
  const onError = (err: unknown) => ctx.log.warn({ err }, 'a plot could not be counted');
  const kept = { freshMs: () => freshMs, onError };
  const topics = keepCounts({ count: (since) => countPapersByTopic(ctx.db, since), ...kept });
  const readers = keepCounts({
    count: (since) => countReadersByDay(ctx.db, since, utcDate(ctx.now())),
    ...kept,
  });

  routes.get('/operators/plots', async (c) => {
    const since = addDays(utcDate(ctx.now()), -daysPlotted);
    const dates = (await listEditionDates(ctx.db, daysPlotted)).toReversed();
    const [outcomes, hours, byTopic, byReader] = await Promise.all([
      counts.outcomes(dates),
      countByHour(ctx.db, { hours: hoursPlotted, today: utcDate(ctx.now()) }),
      topics.read([since]),
      readers.read([since]),
    ]);
    const told = dates.map((date) => outcomes.get(date));
    // Up to yesterday: today's lists are not read to their end.
    const days = Array.from({ length: daysPlotted }, (_, n) => addDays(since, n));
    return page(
      c,
      <PlotsPage
        dates={dates}
        told={told}
        hours={hours}
        days={days}
        topics={topicSeries(byTopic.get(since) ?? [], days)}
        readers={byReader.get(since) ?? []}
      />,
    );
  });
  return routes;
}

interface PlotsPageProps {
  dates: readonly string[];
  told: readonly (EditionOutcomes | undefined)[];
  hours: readonly { at: Date; digests: number }[];
  days: readonly string[];
  topics: readonly Series[];
  readers: readonly ReaderDay[];
}

function PlotsPage({ dates, told, hours, days, topics, readers }: PlotsPageProps) {
  const of = (name: string, value: (outcomes: EditionOutcomes) => number | undefined): Series => ({
    name,
    values: told.map((outcomes) => outcomes && value(outcomes)),
  });
  const lost = readers.some((day) => day.lost > 0);
  return (
    <OperatorSheet title="Plots" section="plots">
      <h1>The last thirty days</h1>
      <section class="block plots" aria-label="Plots">
        <HourBars title="Digests accepted by the hour, UTC" hours={hours} />
        <LinePlot
          title="Delivery delay, in seconds"
          dates={dates}
          series={[
            of('half within', ({ delayS }) => delayS?.median),
            of('9 of 10', ({ delayS }) => delayS?.most),
          ]}
        />
        <LinePlot
          title="Size of a digest’s HTML, in kilobytes"
          dates={dates}
          series={[
            of('median', ({ htmlBytes }) => kilobytes(htmlBytes?.median)),
            of('largest', ({ htmlBytes }) => kilobytes(htmlBytes?.largest)),
          ]}
        />
        <LinePlot
          title="Papers in a digest"
          dates={dates}
          series={[of('mean', ({ papersPerDigest }) => meanOf(papersPerDigest))]}
        />
        {topics.length > 0 && <LinePlot title="Papers by topic" dates={days} series={topics} />}
        <LinePlot
          title="Readers gained and lost"
          dates={readers.map(({ day }) => day)}
          series={[
            { name: 'confirmed', values: readers.map(({ gained }) => gained) },
            { name: 'left', values: readers.map(({ left }) => left) },
            { name: 'bounced', values: readers.map((day) => day.lost), red: lost },
          ]}
        />
      </section>
    </OperatorSheet>
  );
}

/** A line for each of the topics with the most papers. */
function topicSeries(
  counted: readonly { topic: string; day: string; papers: number }[],
  days: readonly string[],
): Series[] {
  const byTopic = new Map<string, Map<string, number>>();
  for (const { topic, day, papers } of counted) {
    byTopic.set(topic, (byTopic.get(topic) ?? new Map<string, number>()).set(day, papers));
  }
  const all = (of: ReadonlyMap<string, number>) => [...of.values()].reduce((sum, n) => sum + n, 0);
  return [...byTopic]
    .toSorted((a, b) => all(b[1]) - all(a[1]))
    .slice(0, topicsPlotted)
    .map(([name, papers]) => ({ name, values: days.map((day) => papers.get(day) ?? 0) }));
}

function kilobytes(bytes: number | undefined): number | undefined {
  return bytes && Math.round(bytes / 102.4) / 10;
}

function meanOf(papersPerDigest: Readonly<Record<string, number>>): number | undefined {
  const digests = Object.values(papersPerDigest).reduce((sum, n) => sum + n, 0);
  const papers = Object.entries(papersPerDigest).reduce((sum, [papers, n]) => sum + Number(papers) * n, 0);
  return digests === 0 ? undefined : Math.round((papers / digests) * 10) / 10;
}
