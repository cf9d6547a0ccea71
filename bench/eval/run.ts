/**
 * `npm run eval`: how right the chosen papers are, on labelled papers of days that nothing was tuned on.
 * `--check` only compares with the floors of docs/relevance.json and exits 1 below one; `--quick` takes fewer days and
 * no baselines. Otherwise it writes docs/relevance.md's tables and plots.
 */
import { parseArgs } from 'node:util';
import { evalFolder } from './data.ts';
import { withScratchDatabase } from './database.ts';
import { below, readFloors } from './floors.ts';
import { evaluateAll, evaluateQuickly } from './evaluation.ts';
import { writeReport } from './report.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean' }, quick: { type: 'boolean' } } });
const say = (line: string): void => void process.stdout.write(`${line}\n`);

if (!evalFolder) {
  say('NOT EVALUATED: the labelled papers (../shared/data/eval) are not here, so nothing was measured.');
  process.exit(0);
}
const measured = await withScratchDatabase((db) =>
  values.quick ? evaluateQuickly(db) : evaluateAll(db, say),
);
for (const [name, value] of Object.entries(measured.figures)) say(`${value.toFixed(3)}  ${name}`);
if (values.check) {
  const faults = below(measured.figures, readFloors()[values.quick ? 'quick' : 'full']);
  for (const fault of faults) say(fault);
  say(faults.length === 0 ? 'Every measure is at or above its floor.' : 'The papers got less right.');
  process.exit(faults.length === 0 ? 0 : 1);
}
if (measured.report) await writeReport(measured.report, say);
