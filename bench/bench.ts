/**
 * `npm run bench`: the targets of the design, measured side by side in one run. Prints every repeat, the machine and the
 * verdicts, writes docs/performance.md after a whole run (or with --write), and exits 1 when a target is missed.
 */
import { measureFigures } from './figures/figures.ts';
import { useLimit } from './limit/contest.ts';
import { readMachine } from './machine.ts';
import type { Measured } from './measured.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { contest } from './pipeline/contest.ts';
import { scaleOut } from './pipeline/scale-out.ts';
import { describeRun, writeReport } from './report/report.ts';
import { openStage, type Stage } from './stage.ts';
import { judge } from './verdicts.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const args = process.argv.slice(2);
let options: BenchOptions;
try {
  options = readOptions(args);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n${usage}\n`);
  process.exit(2);
}

const stage = await openStage();
// PostgreSQL is in a process group of its own: nobody else would end it.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stage.close().finally(() => process.exit(1)));
try {
  const measured = await measure(stage, options);
  const verdicts = judge(measured);
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const text = describeRun(readMachine(), measured, verdicts, command);
  say(`\n${text}`);
  if (options.writes) await writeReport(text, measured);
  if (verdicts.some(({ isMet }) => !isMet)) process.exitCode = 1;
} finally {
  await stage.close();
}

async function measure(on: Stage, { parts, sizes, ...how }: BenchOptions): Promise<Measured> {
  const measured: Measured = { sides: [] };
  if (parts.has('figures')) Object.assign(measured, await measureFigures(on, say));
  if (parts.has('pipeline'))
    for (const size of sizes) measured.sides.push(...(await contest(on, size, { ...how, say })));
  if (parts.has('limit')) measured.limit = await useLimit(on, say);
  if (parts.has('scale-out')) measured.scaledOut = await scaleOut(on, say);
  return measured;
}
