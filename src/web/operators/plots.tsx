/** @jsxImportSource hono/jsx */
import type { SourceDay } from '../../db/listings.ts';
import { sourceName } from '../wording.ts';
import { LinePlot } from './line-plot.tsx';
import type { Edition } from './ledger-table.tsx';

/** A line needs two points, and three say something. */
const daysMin = 2;
const sourcesMax = 3;

/** The last weeks at a glance: what left, what came back, what came in. */
export function DayPlots({
  editions,
  sourceDays,
}: {
  editions: readonly Edition[];
  sourceDays: readonly SourceDay[];
}) {
  const oldestFirst = editions.toReversed();
  const dates = oldestFirst.map(({ ledger }) => ledger.date);
  const days = [...new Set(sourceDays.map(({ day }) => day))].toSorted();
  const hasEditions = dates.length >= daysMin;
  const hasPapers = days.length >= daysMin;
  if (!hasEditions && !hasPapers) return <></>;
  return (
    <section class="block plots" aria-label="By day">
      {hasEditions && (
        <LinePlot
          title="Accepted and delivered"
          dates={dates}
          series={[
            { name: 'accepted', values: oldestFirst.map(({ ledger }) => ledger.accepted) },
            { name: 'delivered', values: oldestFirst.map(({ outcomes }) => outcomes?.delivered) },
          ]}
        />
      )}
      {hasEditions && (
        <LinePlot
          title="Bounced and complained"
          dates={dates}
          series={[
            { name: 'bounced', values: oldestFirst.map(({ outcomes }) => outcomes?.bounced) },
            {
              name: 'complained',
              values: oldestFirst.map(({ outcomes }) => outcomes?.complained),
              red: oldestFirst.some(({ outcomes }) => (outcomes?.complained ?? 0) > 0),
            },
          ]}
        />
      )}
      {hasPapers && <LinePlot title="Papers listed" dates={days} series={bySource(sourceDays, days)} />}
    </section>
  );
}

/** A line a source, the largest first; several lists of one source are one line. */
function bySource(sourceDays: readonly SourceDay[], days: readonly string[]) {
  const counts = new Map<string, Map<string, number>>();
  for (const { source, day, papers } of sourceDays) {
    const name = sourceName(source);
    const known = counts.get(name) ?? new Map<string, number>();
    known.set(day, (known.get(day) ?? 0) + papers);
    counts.set(name, known);
  }
  const total = (of: Map<string, number>) => [...of.values()].reduce((sum, n) => sum + n, 0);
  return [...counts]
    .toSorted((a, b) => total(b[1]) - total(a[1]))
    .slice(0, sourcesMax)
    .map(([name, known]) => ({ name, values: days.map((day) => known.get(day)) }));
}
