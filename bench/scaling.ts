/**
 * `npm run bench:scaling`: the table of docs/scaling.md, calculated from what docs/performance.json measured. Prints it;
 * with `--write` puts it into the page.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Measured } from './measured.ts';
import { basisOf, demandOf } from './scaling/demand.ts';
import { count, table } from './report/tables.ts';

const docs = new URL('../docs/', import.meta.url);
const [begins, ends] = ['<!-- calculated -->', '<!-- /calculated -->'];
const readers = [1_000_000, 10_000_000, 100_000_000];

const measured = JSON.parse(await readFile(new URL('performance.json', docs), 'utf8')) as Measured;
const basis = basisOf(measured);
const demands = readers.map((one) => demandOf(one, basis));
const row = (what: string, value: (demand: (typeof demands)[number]) => string) => [
  what,
  ...demands.map(value),
];
const text = table(
  ['readers', ...readers.map(count)],
  [
    row('digests a second in the busiest hour', ({ peakPerSecond }) => count(peakPerSecond)),
    row('worker processes for it', ({ processes }) => count(processes)),
    row('requests a second to the provider', ({ requestsPerSecond }) => count(requestsPerSecond)),
    row('accounts at 10 requests/s', ({ accounts }) => count(accounts)),
    row('hours for one edition through one account', ({ hoursOfOneAccount }) => count(hoursOfOneAccount)),
    row('mail leaving in that hour', ({ mailMBPerSecond }) => `${count(mailMBPerSecond)} MB/s`),
    row('Postgres: readers and topics', ({ readersGB }) => `${count(readersGB)} GB`),
    row('Postgres: digests of 35 days', ({ digestsGB }) => `${count(digestsGB)} GB`),
    row('Postgres: WAL an edition', ({ walGB }) => `${count(walGB)} GB`),
    row('Postgres: WAL in the busiest hour', ({ walMBPerSecond }) => `${count(walMBPerSecond)} MB/s`),
    row('Redis: jobs of a whole edition waiting', ({ redisMB }) => `${count(redisMB)} MB`),
  ],
);
process.stdout.write(`${text}\n`);
if (process.argv.includes('--write')) {
  const page = new URL('scaling.md', docs);
  const before = await readFile(page, 'utf8');
  const [head, tail] = [before.indexOf(begins) + begins.length, before.indexOf(ends)];
  await writeFile(page, `${before.slice(0, head)}\n${text}\n${before.slice(tail)}`);
}
