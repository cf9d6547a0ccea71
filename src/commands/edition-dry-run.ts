import { type Rehearsal, rehearse } from '../pipeline/rehearse.ts';
import { readDate } from './calendar-date.ts';
import { type Command, Failed } from './command.ts';

export const editionDryRun: Command = {
  usage: 'edition dry-run [DATE] [--each]',
  does: 'who would get what and why not, against the day before; writes nothing',
  options: { each: { type: 'boolean' } },
  words: { least: 0, most: 1 },
  async run({ words, options, withContext, print }) {
    const date = words[0] === undefined ? undefined : readDate(words[0]);
    const rehearsal = await withContext((ctx) => rehearse(ctx, { date, each: options['each'] === true }));
    if (!rehearsal) throw new Failed('Nobody is due: there is no active subscriber.');
    print(rehearsal, () => inWords(rehearsal));
  },
};

function inWords(rehearsal: Rehearsal): string[] {
  const { date, audience, sofar, toCome, wouldGet, htmlBytes, dayBefore } = rehearsal;
  const before = dayBefore ? `  (the day before ${dayBefore.ledger.audience})` : '';
  const lines = [
    `${date}  audience ${audience}${before}`,
    `to come     ${toCome}, of whom ${wouldGet} get a digest${counts(rehearsal.skipped, '; skipped: ')}`,
  ];
  if (sofar) lines.push(`so far      ${sofar.accepted} accepted, ${sofar.pending} pending`);
  lines.push(`papers      ${counts(rehearsal.papersPerDigest) || 'none'}`);
  if (dayBefore) lines.push(`  before    ${counts(dayBefore.papersPerDigest) || 'none'}`);
  if (htmlBytes) {
    const { smallest, median, largest } = htmlBytes;
    lines.push(`HTML bytes  ${smallest} to ${largest}, median ${median}`);
  }
  for (const { digests, title } of rehearsal.topPapers)
    lines.push(`  ${String(digests).padStart(6)}  ${title}`);
  for (const { email, papers, skipped } of rehearsal.readers ?? []) {
    lines.push(`${email}  ${skipped ?? papers.join(' ')}`);
  }
  return [...lines, ...rehearsal.warnings];
}

function counts(of: Record<string, number>, before = ''): string {
  const parts = Object.entries(of).map(([name, n]) => `${name} × ${n}`);
  return parts.length > 0 ? before + parts.join(', ') : '';
}
