import { readFile, writeFile } from 'node:fs/promises';
import { describeMachine, type Machine } from '../machine.ts';
import type { Measured } from '../measured.ts';
import { perSecond, sideTitles } from '../pipeline/side.ts';
import { spreadOf } from '../statistics.ts';
import { storageOf, type Verdict } from '../verdicts.ts';
import { type Bar, plotBars } from './bars.ts';
import { count, figureTable, rateTable, storageTable, verdictTable } from './tables.ts';

const docs = new URL('../../docs/', import.meta.url);
const [begins, ends] = ['<!-- measured -->', '<!-- /measured -->'];

/** The run as text: what docs/performance.md holds between its marks, and what the terminal shows at the end. */
export function describeRun(
  machine: Machine,
  measured: Measured,
  verdicts: readonly Verdict[],
  command: string,
): string {
  const sections = [`Measured by \`${command}\` on ${describeMachine(machine)}.`, verdictTable(verdicts)];
  if (measured.sides.length > 0) sections.push(rateTable(measured.sides), storageTable(measured.sides));
  if (measured.bytes || measured.choice) sections.push(figureTable(measured));
  return sections.join('\n\n');
}

/** Puts the run into docs/performance.md, its plots beside it, and its numbers where docs/scaling.md's script reads them. */
export async function writeReport(text: string, measured: Measured): Promise<void> {
  const plots = plotsOf(measured);
  for (const [name, svg] of plots) await writeFile(new URL(name, docs), svg);
  await writeFile(new URL('performance.json', docs), `${JSON.stringify(measured, undefined, 1)}\n`);
  const page = new URL('performance.md', docs);
  const before = await readFile(page, 'utf8');
  const [head, tail] = [before.indexOf(begins) + begins.length, before.indexOf(ends)];
  const pictures = [...plots.keys()].map((name) => `![${name.replace('.svg', '')}](${name})`).join('\n\n');
  await writeFile(page, `${before.slice(0, head)}\n${text}\n\n${pictures}\n${before.slice(tail)}`);
}

function plotsOf({ sides, bytes, choice }: Measured): Map<string, string> {
  const plots = new Map<string, string>();
  const bars = sides.map(({ side, subscribers, repeats }) => ({
    name: `${sideTitles[side]}, ${count(subscribers)}`,
    spread: spreadOf(repeats.map(perSecond)),
  }));
  const add = (file: string, title: string, unit: string, drawn: Bar[]) =>
    drawn.length > 0 && plots.set(file, plotBars(title, unit, drawn));
  add('performance-pipeline.svg', 'The whole pipeline, by subscribers', 'digests a second', bars);
  const own = sides.filter(({ repeats }) => repeats[0]?.walBytes !== undefined);
  add(
    'performance-memory.svg',
    'Peak memory of the worker',
    'MiB',
    own.map(({ side, subscribers, peakMiB }) => ({
      name: `${sideTitles[side]}, ${count(subscribers)}`,
      spread: spreadOf([peakMiB]),
    })),
  );
  add(
    'performance-wal.svg',
    'Write-ahead log a digest',
    'bytes',
    own.map((result) => ({
      name: `${sideTitles[result.side]}, ${count(result.subscribers)}`,
      spread: storageOf(result, 'walBytes'),
    })),
  );
  const figures: Bar[] = [];
  if (bytes) {
    figures.push({ name: 'bytes by React Email', spread: spreadOf(bytes.renderMicros) });
    figures.push({ name: 'bytes out of fragments', spread: spreadOf(bytes.assembleMicros) });
  }
  if (choice) {
    figures.push({ name: 'papers by a query', spread: spreadOf(choice.queryMicros) });
    figures.push({ name: 'papers by the index', spread: spreadOf(choice.indexMicros) });
  }
  add('performance-figures.svg', 'One digest', 'microseconds', figures);
  return plots;
}
