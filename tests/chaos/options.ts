import { parseArgs } from 'node:util';

/** How long and how rough a run is. The same seed rolls the same dice; what the machine does with them differs. */
export interface ChaosOptions {
  subscribers: number;
  kills: number;
  backend: 'postgres' | 'redis';
  seed: number;
  /** Where the log of all processes is kept; none is kept when left out. */
  log: string | undefined;
}

export const usage =
  'npm run chaos -- [--subscribers N] [--kills N] [--backend postgres|redis] [--seed S] [--log FILE]';

/** Reads the command line. Throws an Error that says what is wrong. */
export function readOptions(args: string[]): ChaosOptions {
  const { values } = parseArgs({
    args,
    options: {
      subscribers: { type: 'string', default: '1000' },
      kills: { type: 'string', default: '30' },
      backend: { type: 'string', default: 'postgres' },
      seed: { type: 'string', default: '1' },
      log: { type: 'string' },
    },
  });
  const { backend } = values;
  if (backend !== 'postgres' && backend !== 'redis') throw new Error(`--backend ${backend} is none.`);
  return {
    subscribers: readWhole('subscribers', values.subscribers, 10),
    kills: readWhole('kills', values.kills, 0),
    backend,
    seed: readWhole('seed', values.seed, 0),
    log: values.log,
  };
}

function readWhole(name: string, text: string, least: number): number {
  const value = /^\d{1,7}$/.test(text) ? Number(text) : NaN;
  if (!(value >= least)) throw new Error(`--${name} must be a whole number from ${least} on.`);
  return value;
}
