import { utcDate } from '../domain/cadence.ts';
import { ingest, ingestFile, type IngestResult } from '../pipeline/ingest.ts';
import { syncCuratedTopics } from '../db/topics.ts';
import { readDate } from './calendar-date.ts';
import type { Command } from './command.ts';

/** Days read when none is named: yesterday's list is the newest that can be whole. */
const dayMs = 86_400_000;

export const ingestCommand: Command = {
  usage: 'ingest [--source S] [--date D] | ingest --file F [--date D]',
  does: 'takes papers in, from a source or a file',
  options: { source: { type: 'string' }, file: { type: 'string' }, date: { type: 'string' } },
  words: { least: 0, most: 0 },
  async run({ options, withContext, print }) {
    const { source, file, date } = options as Record<string, string | undefined>;
    const day = date === undefined ? undefined : readDate(date);
    const result = await withContext(async (ctx): Promise<IngestResult> => {
      await syncCuratedTopics(ctx.db);
      if (file !== undefined) return ingestFile(ctx, file, { date: day });
      const total: IngestResult = { added: 0, updated: 0, unchanged: 0, rejected: [] };
      for (const name of source === undefined ? ctx.config.sources : [source]) {
        const read = await ingest(ctx, {
          source: name,
          day: day ?? utcDate(new Date(ctx.now().getTime() - dayMs)),
        });
        add(total, read);
      }
      return total;
    });
    print(result, () => [
      `${result.added} papers added, ${result.updated} updated, ${result.unchanged} unchanged`,
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
