import { importReports } from '../pipeline/import-reports.ts';
import { count } from '../web/wording.ts';
import type { Command } from './command.ts';

const rejectedShownMax = 20;

export const bouncesImport: Command = {
  usage: 'bounces import PATH',
  does: 'reads bounce and complaint reports that came as mail: a file, an mbox, or a folder of them',
  words: { least: 1, most: 1 },
  async run({ words, withContext, print }) {
    const result = await withContext((ctx) => importReports(ctx, words[0]!));
    const { read, bounced, complained, delivered, known, ignored, rejected } = result;
    if (read === 0) {
      print(result, () => [`There is no mail in ${words[0]}: nothing was read.`]);
      return;
    }
    print(result, () => [
      `${count(read, 'mail')}: ${inWords(bounced) || 'no bounces'}, ${count(complained, 'complaint')}, ${delivered} delivered, ${known} read before`,
      ...(Object.keys(ignored).length > 0 ? [`ignored: ${inWords(ignored)}`] : []),
      ...rejected.slice(0, rejectedShownMax).map(({ name, reason }) => `rejected: ${name} ${reason}`),
      ...(rejected.length > rejectedShownMax
        ? [`and ${rejected.length - rejectedShownMax} more rejected`]
        : []),
    ]);
  },
};

function inWords(counts: Partial<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ');
}
