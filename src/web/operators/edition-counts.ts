import type { Context } from '../../context.ts';
import { countEditionOutcomes, type EditionOutcomes } from '../../db/edition-facts.ts';
import { addDays, utcDate } from '../../domain/cadence.ts';
import { judgeAudience } from '../../pipeline/audience.ts';
import { keepCounts, type KeptCounts } from './kept-counts.ts';

export interface EditionCounts {
  outcomes: KeptCounts<EditionOutcomes>;
  /** By date: a sentence where its audience moved by more than half. */
  warnings: KeptCounts<string | undefined>;
}

/** Reports on a mail come in for some days; after that a count hardly changes. */
const livelyDays = 3;
const livelyMs = 10_000;
const quietMs = 600_000;

/** What the operators' pages count over whole partitions, shared by all of them. */
export function openEditionCounts(ctx: Context): EditionCounts {
  const freshMs = (date: string) => (date >= addDays(utcDate(ctx.now()), -livelyDays) ? livelyMs : quietMs);
  return {
    outcomes: keepCounts({ count: (date) => countEditionOutcomes(ctx.db, date), freshMs }),
    warnings: keepCounts({ count: async (date) => (await judgeAudience(ctx.db, date)).warning, freshMs }),
  };
}
