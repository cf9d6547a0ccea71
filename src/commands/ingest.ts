import { feedDayAt } from '../domain/arxiv-calendar.ts';
import { utcDate } from '../domain/cadence.ts';
import { ingest, ingestAgain, ingestFile, type IngestResult } from '../pipeline/ingest.ts';
import { arxivPrefix } from '../sources/arxiv-api.ts';
import { syncCuratedTopics } from '../db/topics.ts';
import { count } from '../web/wording.ts';
import { readDate } from './calendar-date.ts';
import { type Command, UsageError } from './command.ts';

/** The day read when none is named: yesterday's list is the newest that can be whole, but arXiv's feed holds one day only. */
function usualDay(source: string, now: Date): string {
  return source.startsWith(arxivPrefix) ? feedDayAt(now) : utcDate(new Date(now.getTime() - dayMs));
}

const dayMs = 86_400_000;

export const ingestCommand: Command = {
  usage:
    'ingest [--source S] [--date D] | ingest --file F [--date D] | ingest --again [--source S] [--date D]',
  does: 'takes papers in, from a source, from a file, or again from the answers kept for 30 days',
  options: {
    source: { type: 'string' },
    file: { type: 'string' },
    date: { type: 'string' },
    again: { type: 'boolean' },
  },
  words: { least: 0, most: 0 },
  async run({ options, withContext, print }) {
    const { source, file, date } = options as Record<string, string | undefined>;
    const isAgain = options['again'] === true;
    if (file !== undefined && isAgain) {
      throw new UsageError('--again reads the answers kept, --file a file: leave one of them out.');
    }
    const day = date === undefined ? undefined : readDate(date);
    const result = await withContext(async (ctx): Promise<IngestResult> => {
      await syncCuratedTopics(ctx.db);
      if (file !== undefined) return ingestFile(ctx, file, { date: day });
      if (isAgain) return ingestAgain(ctx, { source, day });
      const total: IngestResult = { added: 0, updated: 0, unchanged: 0, rejected: [] };
      for (const name of source === undefined ? ctx.config.sources : [source]) {
        const read = await ingest(ctx, {
          source: name,
          day: day ?? usualDay(name, ctx.now()),
        });
        add(total, read);
      }
      return total;
    });
    print(result, () => [
      `${count(result.added, 'paper')} added, ${result.updated} updated, ${result.unchanged} unchanged`,
      ...result.rejected.slice(0, 20).map(({ index, reason }) => `rejected: record ${index}, ${reason}`),
      ...(result.rejected.length > 20 ? [`and ${result.rejected.length - 20} more rejected`] : []),
    ]);
  },
};

function add(total: IngestResult, more: IngestResult): void {
  total.added += more.added;
  total.updated += more.updated;
  total.unchanged += more.unchanged;
  total.rejected.push(...more.rejected);
}
