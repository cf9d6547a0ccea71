import type { Context } from '../../context.ts';
import { readEditionCounts } from '../../db/edition-counts.ts';
import { countReaders } from '../../db/overview.ts';
import { addDays, utcDate } from '../../domain/cadence.ts';
import { judgeAudience } from '../../pipeline/audience.ts';
import type { DayCounts } from '../../pipeline/day.ts';
import { countEdition, livelyDays } from '../../pipeline/edition-counts.ts';
import { keepCounts } from './kept-counts.ts';

export type EditionCounts = DayCounts;

const everyone = 'everyone';
const livelyMs = 10_000;
const quietMs = 600_000;

/**
 * What the operators' pages count over whole partitions, shared by all of them. The sweep keeps a count of each edition;
 * those of the last days are counted again behind the page.
 */
export function openEditionCounts(ctx: Context): EditionCounts {
  const isLively = (date: string) => date > addDays(utcDate(ctx.now()), -livelyDays);
  const freshMs = (date: string) => (isLively(date) ? livelyMs : quietMs);
  const onError = (err: unknown) => ctx.log.warn({ err }, 'an edition could not be counted');
  const outcomes = keepCounts({ count: (date) => countEdition(ctx, date), freshMs, onError });
  const warnings = keepCounts({
    count: async (date) => (await judgeAudience(ctx.db, date)).warning,
    freshMs,
    onError,
  });
  const readers = keepCounts({ count: () => countReaders(ctx.db), freshMs: () => livelyMs, onError });
  return {
    async outcomes(dates) {
      const kept = await readEditionCounts(ctx.db, dates);
      const wanted = dates.filter((date) => isLively(date) || !kept.has(date));
      const counted = await outcomes.read(wanted, (date) => !kept.has(date));
      return new Map([...kept, ...counted]);
    },
    async warning(date) {
      return (await warnings.read([date])).get(date);
    },
    async readers() {
      return (await readers.read([everyone])).get(everyone);
    },
  };
}
