/**
 * When an edition pauses by itself, and when it goes on (RULES 18): values in, values out.
 *
 *   flowing ──trips, or an operator──► paused ──an operator──► trying ──its canary is good, or an operator──► flowing
 *                                        ▲                       │
 *                                        └── its canary is not ──┘
 */
export type Course = 'flowing' | 'paused' | 'trying';

/** What was reported of some digests. Each is counted once as reported, whatever else is said of it. */
export interface Reports {
  /** Delivered, bounced or failed: known to have come to an end. */
  reported: number;
  hard: number;
  policy: number;
  content: number;
  complained: number;
}

export const nothingReported: Reports = { reported: 0, hard: 0, policy: 0, content: 0, complained: 0 };

export type TripKind = 'hard' | 'complained' | 'refusals';

/** What an edition tripped over, with its figures. */
export interface Trip {
  over: TripKind;
  count: number;
  reported: number;
}

/** Shares are counted in ten thousandths, so that whole numbers compare exactly. */
const inTenThousand = 10_000;
const limits: Readonly<Record<TripKind, { share: number; reportedLeast: number; countLeast: number }>> = {
  hard: { share: 300, reportedLeast: 200, countLeast: 1 },
  complained: { share: 5, reportedLeast: 200, countLeast: 1 },
  /** A wave of policy and content bounces: so many at least, and as large a share as of hard bounces. It waits for no 200. */
  refusals: { share: 300, reportedLeast: 0, countLeast: 20 },
};
const kinds = ['complained', 'hard', 'refusals'] as const;

/** The share of the reported, of 1, that an edition may reach. */
export function shareMax(over: TripKind): number {
  return limits[over].share / inTenThousand;
}

/** What an edition that flows trips over, if it does. */
export function tripOf(reports: Reports): Trip | undefined {
  for (const over of kinds) {
    const count = countOf(reports, over);
    const { share, reportedLeast, countLeast } = limits[over];
    if (count < countLeast || reports.reported < reportedLeast) continue;
    if (count * inTenThousand > share * reports.reported) return { over, count, reported: reports.reported };
  }
  return undefined;
}

/**
 * With at least so many reported, these numbers trip nothing. The reported are many to count and only grow, so they need
 * no counting as long as an earlier count was as large as this.
 */
export function reportedToAcquit(troubles: Omit<Reports, 'reported'>): number {
  const needed = kinds.map((over) => {
    const count = countOf(troubles, over);
    const { share, reportedLeast, countLeast } = limits[over];
    const enough = count < countLeast ? 0 : Math.ceil((count * inTenThousand) / share);
    return enough <= reportedLeast ? 0 : enough;
  });
  return Math.max(...needed);
}

/** What was reported since an earlier count. */
export function since(now: Reports, before: Reports): Reports {
  const less = (one: keyof Reports) => Math.max(0, now[one] - before[one]);
  return {
    reported: less('reported'),
    hard: less('hard'),
    policy: less('policy'),
    content: less('content'),
    complained: less('complained'),
  };
}

/** The batch that goes first after a resume, and what is known of it. */
export interface Canary {
  /** Its digests that the transport took, and those that it did not, or may not have. */
  accepted: number;
  notAccepted: number;
  /** Some of it still waits, or is on its way. */
  pending: number;
  reports: Reports;
  /** Since the last of it was accepted. */
  waitedMs: number;
  /** Whether the transport reports deliveries; a mail server does not. */
  hearsDeliveries: boolean;
}

/** So much of a canary is waited for… */
const reportedSharePatient = 0.9;
/** …for so long; then half of it must do. */
export const canaryWaitMs = 30 * 60_000;
const reportedShareLeast = 0.5;

export type CanaryVerdict =
  | { is: 'open' }
  | { is: 'good' }
  /** Nobody was left in it: another batch goes first. */
  | { is: 'empty' }
  | { is: 'bad'; reason: string };

/** A canary is a hundred digests at most, so a single bounce of a kind is always forgiven, and a complaint never. */
export function judgeCanary(canary: Canary): CanaryVerdict {
  const { accepted, notAccepted, pending, reports, waitedMs, hearsDeliveries } = canary;
  for (const over of kinds) {
    const count = countOf(reports, over);
    const forgiven = over === 'complained' ? 0 : Math.max(1, (accepted * limits[over].share) / inTenThousand);
    if (count > forgiven)
      return bad(`Of its canary’s ${number(accepted + notAccepted)} digests ${tell(over, count)}.`);
  }
  if (pending > 0) return { is: 'open' };
  if (accepted === 0) return notAccepted > 0 ? bad('Nothing of its canary was accepted.') : { is: 'empty' };
  if (reports.reported >= accepted * reportedSharePatient) return { is: 'good' };
  if (waitedMs < canaryWaitMs) return { is: 'open' };
  if (!hearsDeliveries || reports.reported >= accepted * reportedShareLeast) return { is: 'good' };
  const heard = reports.reported === 0 ? 'nothing' : `only ${number(reports.reported)}`;
  return bad(
    `Of its canary’s ${number(accepted)} digests ${heard} was reported within ${canaryWaitMs / 60_000} minutes.`,
  );
}

/** What an operator may do: `letGo` lets the rest go without waiting for the canary. */
export type Act = 'pause' | 'resume' | 'letGo';
/** What moves an edition: an operator's act, a breaker that trips, or a canary's end. */
export type Move = Act | 'trip' | 'good' | 'bad';

const moves: Readonly<Record<Course, Partial<Record<Move, Course>>>> = {
  flowing: { pause: 'paused', trip: 'paused' },
  paused: { resume: 'trying' },
  trying: { pause: 'paused', bad: 'paused', good: 'flowing', letGo: 'flowing' },
};

/** Where a move leads from here; undefined where it means nothing. */
export function courseAfter(course: Course, move: Move): Course | undefined {
  return moves[course][move];
}

/** "12 of 350 reported digests bounced hard, 3.43 %; the limit is 3 %." */
export function describeTrip({ over, count, reported }: Trip): string {
  const share = percent(count, reported);
  return `Of ${number(reported)} reported digests ${tell(over, count)}, ${share}; the limit is ${percent(limits[over].share, inTenThousand)}.`;
}

/** How many of the reported count for this breaker. */
export function countOf(reports: Omit<Reports, 'reported'>, over: TripKind): number {
  return over === 'refusals' ? reports.policy + reports.content : reports[over];
}

function tell(over: TripKind, count: number): string {
  switch (over) {
    case 'hard':
      return `${number(count)} bounced hard`;
    case 'complained':
      return `${number(count)} drew a complaint`;
    case 'refusals':
      return `${number(count)} bounced for our standing or the content`;
  }
}

function bad(reason: string): CanaryVerdict {
  return { is: 'bad', reason };
}

/** "3.43 %". */
export function percent(part: number, whole: number): string {
  return `${Number(((100 * part) / whole).toFixed(2))} %`;
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}
