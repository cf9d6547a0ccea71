import type { Act } from '../domain/breaker.ts';
import { actOnEdition } from '../pipeline/breakers.ts';
import { readDate } from './calendar-date.ts';
import { type Command, Failed } from './command.ts';

export const editionPause = command('pause', 'stops new mail of one edition', {
  done: 'is paused',
  not: 'is not open, or is paused already',
});
export const editionResume = command('resume', 'lets a paused edition go on, one batch first', {
  done: 'goes on: one batch first, and the rest when that is known to be good',
  not: 'is not paused',
});

function command(act: Act, does: string, words: { done: string; not: string }): Command {
  return {
    usage: `edition ${act} DATE`,
    does,
    words: { least: 1, most: 1 },
    async run({ words: [given], withContext, print }) {
      const date = readDate(given!);
      const isDone = await withContext((ctx) => actOnEdition(ctx, date, act, 'command line'));
      if (!isDone) throw new Failed(`The edition of ${date} ${words.not}.`);
      print({ date, act }, () => [`The edition of ${date} ${words.done}.`]);
    },
  };
}
