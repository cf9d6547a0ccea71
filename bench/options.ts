import { parseArgs } from 'node:util';

export const parts = ['pipeline', 'figures', 'limit', 'scale-out'] as const;
export type Part = (typeof parts)[number];

export interface BenchOptions {
  parts: ReadonlySet<Part>;
  /** Subscribers and how often each size is repeated. */
  sizes: readonly Size[];
  /** The plain ways compete up to so many subscribers: they would take hours for more. */
  plainMax: number;
  /** A folder for processor profiles of our workers. */
  profile: string | undefined;
  /** Whether the report goes into docs/; a part of a run does not replace the whole. */
  writes: boolean;
}

export interface Size {
  subscribers: number;
  repeats: number;
}

const allSizes: readonly Size[] = [
  { subscribers: 1_000, repeats: 5 },
  { subscribers: 10_000, repeats: 5 },
  { subscribers: 100_000, repeats: 3 },
  { subscribers: 1_000_000, repeats: 1 },
];

export const usage =
  'npm run bench -- [--only pipeline,figures,limit,scale-out] [--subscribers 1000,10000] [--repeats 3] [--plain-max 10000] [--profile FOLDER] [--write]';

/** Reads the arguments. Throws a sentence for what is none. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      subscribers: { type: 'string' },
      repeats: { type: 'string' },
      'plain-max': { type: 'string' },
      profile: { type: 'string' },
      write: { type: 'boolean' },
    },
  });
  const chosen = values.only?.split(',') ?? parts;
  const strange = chosen.find((part) => !parts.includes(part as Part));
  if (strange !== undefined) throw new Error(`There is no part "${strange}"; there are ${parts.join(', ')}.`);
  const counts = values.subscribers?.split(',').map(readCount);
  const repeats = values.repeats === undefined ? undefined : readCount(values.repeats);
  const sizes = (counts ?? allSizes.map(({ subscribers }) => subscribers)).map((subscribers) => ({
    subscribers,
    repeats: repeats ?? allSizes.find((size) => size.subscribers >= subscribers)?.repeats ?? 1,
  }));
  const isWhole = values.only === undefined && counts === undefined && repeats === undefined;
  return {
    parts: new Set(chosen as Part[]),
    sizes,
    plainMax: readCount(values['plain-max'] ?? '10000'),
    profile: values.profile,
    writes: values.write ?? isWhole,
  };
}

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`"${text}" must be a whole number from 1.`);
  return count;
}
