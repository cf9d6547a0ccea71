/**
 * The operators' pages before a large installation: a million subscribers, seven full editions and 83 closed ledgers.
 * `npm run bench:operators [-- SUBSCRIBERS] [--keep FOLDER]`, on a PostgreSQL of its own, which is left in the folder for the
 * next run of the same day. Every page is asked for once to see what the first look costs, then again and again; the median
 * of those is held against the target.
 */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../src/config.ts';
import { openContext } from '../src/context.ts';
import { joinEmbedded } from '../src/db/embedded/join.ts';
import { keepCountsOfOne } from '../src/pipeline/edition-counts.ts';
import { webApp } from '../src/web/app.tsx';
import { fillInstallation, fullEditions, installationOf, readSubscribers } from './large-installation.ts';

const medianMsMax = 300;
const looks = 15;
const password = 'only for the bench';
const { values, positionals } = parseArgs({
  options: { keep: { type: 'string' } },
  allowPositionals: true,
});
const subscribers = Number(positionals[0] ?? 1_000_000);

const folder = values.keep ? resolve(values.keep) : await mkdtemp(join(tmpdir(), 'broadsheet-operators-'));
await mkdir(folder, { recursive: true });
await chmod(folder, 0o711);
// Nothing here outlives a crash, and nothing measured here waits for a disk.
const postgres = await joinEmbedded(join(folder, 'data'), { settings: ['fsync=off', 'max_wal_size=8GB'] });
const ctx = await openContext(
  loadConfig({
    DATABASE_URL: postgres.databaseUrl,
    MAIL_TRANSPORT: 'mailbox',
    BROADSHEET_DATA_DIR: join(folder, 'data'),
    OPERATOR_PASSWORD: password,
    LOG_LEVEL: 'warn',
  }),
  { migrates: true, delivers: true },
);
try {
  const filledMs = performance.now();
  const kept = await readSubscribers(ctx);
  if (kept === 0) await fillInstallation(ctx, subscribers);
  else if (kept !== subscribers)
    throw new Error(`${folder} holds ${kept} subscribers of today, and ${subscribers} were asked for.`);
  const { newest, oldest, listed, reader } = installationOf(ctx);
  console.log(`filled in ${seconds(filledMs)} s: ${subscribers.toLocaleString('en-US')} subscribers`);
  const countedMs = performance.now();
  // What as many sweeps do in as many minutes.
  for (let n = 0; n < fullEditions; n++) await keepCountsOfOne(ctx);
  console.log(
    `one full edition counted by a sweep in ${(Number(seconds(countedMs)) / fullEditions).toFixed(1)} s`,
  );
  const slow = await lookAtAll([
    '/operators',
    '/operators/plots',
    '/operators/editions',
    `/operators/editions/${newest}`,
    `/operators/editions/${oldest}`,
    '/operators/dry-run',
    '/operators/subscribers',
    `/operators/subscribers/${reader}`,
    `/operators/subscribers/${reader}/mail/${newest}`,
    `/operators/subscribers/${reader}/mail/${newest}/html`,
    '/operators/papers',
    `/operators/papers/${listed}`,
    '/operators/topics',
    '/operators/topics/1',
    '/operators/announcements',
    '/operators/announcements/1',
    '/operators/webhooks',
    '/operators/suppressions',
    '/operators/log',
    '/operators/queues',
    '/metrics',
  ]);
  if (slow.length > 0) {
    console.log(`Slower than ${medianMsMax} ms at the median: ${slow.join(', ')}`);
    process.exitCode = 1;
  }
} finally {
  await ctx.close();
  await postgres.leave();
  if (!values.keep) await rm(folder, { recursive: true, force: true });
}

/** Asks for each page and prints what it took; gives those that are too slow. */
async function lookAtAll(paths: readonly string[]): Promise<string[]> {
  const app = webApp(ctx);
  const authorization = `Basic ${Buffer.from(`bench:${password}`).toString('base64')}`;
  const look = async (path: string): Promise<number> => {
    const startedMs = performance.now();
    const answer = await app.request(path, { headers: { authorization, accept: 'text/html' } });
    await answer.text();
    if (answer.status >= 400) throw new Error(`${path} answered ${answer.status}.`);
    return performance.now() - startedMs;
  };
  const slow: string[] = [];
  console.log(`${'page'.padEnd(52)}   first  median     p90   (ms, of ${looks})`);
  for (const path of paths) {
    const firstMs = await look(path);
    const times: number[] = [];
    for (let n = 0; n < looks; n++) times.push(await look(path));
    times.sort((a, b) => a - b);
    const [medianMs, mostMs] = [times[looks >> 1]!, times[Math.floor(looks * 0.9)]!];
    console.log(
      path.padEnd(52) +
        [firstMs, medianMs, mostMs].map((ms) => Math.round(ms).toString().padStart(8)).join(''),
    );
    if (medianMs > medianMsMax) slow.push(path);
  }
  return slow;
}

function seconds(sinceMs: number): string {
  return ((performance.now() - sinceMs) / 1000).toFixed(1);
}
