import type { Spread } from '../statistics.ts';

/** Who competes: the plain ways and the bare hand-off on one side, ours with either kind of queues on the other. */
export type SideName = 'bare' | 'plain' | 'improved' | 'ours-postgres' | 'ours-redis';

export const sideTitles: Record<SideName, string> = {
  bare: 'bare hand-off',
  plain: 'plain',
  improved: 'plain improved',
  'ours-postgres': 'ours, queues in Postgres',
  'ours-redis': 'ours, queues in Redis',
};

export const ours: readonly SideName[] = ['ours-postgres', 'ours-redis'];

/** One repeat of one side. Storage only where the side is ours. */
export interface Repeat {
  digests: number;
  seconds: number;
  cpuSeconds: number;
  preparedSeconds?: number;
  composedSeconds?: number;
  walBytes?: number;
  diskBytes?: number;
}

/** What one side came to at one number of subscribers. */
export interface SideResult {
  side: SideName;
  subscribers: number;
  repeats: Repeat[];
  peakMiB: number;
}

export const perSecond = ({ digests, seconds }: Repeat): number => digests / seconds;

/** Everything that the pipeline part measured, and what it says of two sides. */
export interface Versus {
  side: SideName;
  against: SideName;
  subscribers: number;
  ratio: Spread;
}
