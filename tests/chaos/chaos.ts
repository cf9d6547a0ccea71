/** `npm run chaos`: kills worker processes and breaks everything around them, then counts what doubled and what was lost. */
import { bundleEntries } from './bundle.ts';
import { readOptions, usage } from './options.ts';
import { failures, inLines } from './report.ts';
import type * as run from './run.ts';

const exitCodes = { held: 0, failed: 1, usage: 2 } as const;

process.exitCode = await main();

async function main(): Promise<number> {
  let options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\nusage: ${usage}`);
    return exitCodes.usage;
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const say = (line: string) => console.error(line);
  const bundle = await bundleEntries();
  try {
    const { runChaos } = (await import(bundle.run)) as typeof run;
    const report = await runChaos(options, { bundle, say, signal: stop.signal });
    console.log(inLines(report).join('\n'));
    return failures(report).length === 0 ? exitCodes.held : exitCodes.failed;
  } finally {
    await bundle.close();
  }
}
