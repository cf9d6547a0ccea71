/**
 * The named points at which a worker can be killed. Statements are told apart by their text, so that production code
 * need not know that anybody watches.
 */
export type Mark =
  | 'ranges'
  | 'slots'
  | 'digests'
  | 'claim'
  | 'freeze'
  | 'uncertain'
  | 'settle'
  | 'release'
  | 'tracked'
  | 'close';

const marks: readonly [Mark, RegExp][] = [
  ['ranges', /insert into ranges/],
  ['slots', /update slots|update "slots"/],
  ['digests', /insert into digests/],
  ['claim', /update batches b set lease =/],
  ['freeze', /update batches set state = 'frozen'/],
  ['uncertain', /update batches set uncertain_at = coalesce/],
  ['settle', /update batches set state = \$1/],
  ['release', /update batches set lease = null, next_attempt_at/],
  ['tracked', /update webhook_events e set processed_at/],
  ['close', /update "editions" set "closed_at"/],
];

export function markOf(statement: string): Mark | undefined {
  return marks.find(([, pattern]) => pattern.test(statement))?.[0];
}

/** Where in a statement's life: about to be sent, sent and not answered, answered, or committed, on its own or with its transaction. */
export type Moment =
  | `${'before' | 'during' | 'after' | 'committed'} ${Mark}`
  | 'during request'
  | 'after request';

/** Point → the moment at which it strikes. */
export const points = {
  'mid-plan': 'after ranges',
  'after-plan': 'committed slots',
  'mid-compose': 'after digests',
  'after-compose': 'committed digests',
  'after-claim': 'after claim',
  'mid-freeze': 'during freeze',
  'after-freeze': 'committed freeze',
  'mid-request': 'during request',
  'before-settle': 'after request',
  'mid-settle': 'during settle',
  'after-settle': 'after settle',
  'before-replay': 'after uncertain',
  'after-release': 'after release',
  'mid-track': 'after tracked',
  'after-track': 'committed tracked',
  'mid-close': 'after close',
} as const satisfies Record<string, Moment>;

export type PointName = keyof typeof points;
export const pointNames = Object.keys(points) as PointName[];
