import { syncCuratedTopics } from '../db/topics.ts';
import type { Command } from './command.ts';

export const migrateCommand: Command = {
  usage: 'migrate',
  does: 'brings the schema up to date',
  words: { least: 0, most: 0 },
  async run({ withContext, print }) {
    const applied = await withContext(
      async (ctx) => {
        await syncCuratedTopics(ctx.db);
        return ctx.migrated;
      },
      { migrates: true },
    );
    print({ applied }, () => ['The schema is up to date.']);
  },
};
