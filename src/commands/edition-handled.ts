import { handleEditions, latestEditionDate } from '../pipeline/handled.ts';
import { count } from '../web/wording.ts';
import { readDate } from './calendar-date.ts';
import { type Command, UsageError } from './command.ts';

export const editionHandled: Command = {
  usage: 'edition handled DATE',
  does: 'after a restore: editions up to DATE count as mailed, and mail flows again',
  words: { least: 1, most: 1 },
  async run({ words, withContext, print }) {
    const through = readDate(words[0]!);
    const handled = await withContext(async (ctx) => {
      const latest = latestEditionDate(ctx);
      if (through > latest)
        throw new UsageError(`${through} is still to come; the latest date is ${latest}.`);
      return handleEditions(ctx, through);
    });
    print({ through, ...handled }, () => [
      `Editions up to ${through} count as handled: ${count(handled.digests, 'digest')} and ${count(handled.notices, 'other mail')} that waited are unknown, and never sent by themselves. Mail flows.`,
    ]);
  },
};
