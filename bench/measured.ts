import type { Bytes } from './figures/bytes.tsx';
import type { Choice } from './figures/choice.ts';
import type { LimitUse } from './limit/contest.ts';
import type { ScaledOut } from './pipeline/scale-out.ts';
import type { SideResult } from './pipeline/side.ts';

/** Everything that one run measured; what was left out is absent. */
export interface Measured {
  sides: SideResult[];
  bytes?: Bytes;
  choice?: Choice;
  /** In Postgres, with five topics. */
  readerBytes?: number;
  limit?: LimitUse[];
  scaledOut?: ScaledOut[];
}
