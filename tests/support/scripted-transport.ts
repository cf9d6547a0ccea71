import type { Receipt, Submission, Transport } from '../../src/transport/transport.ts';

/** What the transport says to one request. A function may also do something first, or throw as a dying process does. */
export type Scripted = Receipt | ((submission: Submission) => Receipt | Promise<Receipt>);

export interface RecordedSubmission {
  kind: 'single' | 'batch';
  key: string;
  body: Buffer;
  members: number;
  /** The addresses in the body, in order. */
  to: string[];
}

export interface ScriptedTransport extends Transport {
  /** Answers still to be given, in order; when there is none left, everything is accepted. */
  script: Scripted[];
  submissions: RecordedSubmission[];
}

const limits = { perSecond: 1000 };

/** A transport that answers from a script and remembers what it was handed. */
export function scriptedTransport(script: Scripted[] = [], identity = 'scripted'): ScriptedTransport {
  const submissions: RecordedSubmission[] = [];
  const rest = [...script];
  return {
    identity,
    script: rest,
    submissions,
    async submit(submission) {
      const { kind, key, body, members } = submission;
      submissions.push({ kind, key, body: Buffer.from(body), members, to: addressesOf(body) });
      const next = rest.shift() ?? acceptAll;
      return typeof next === 'function' ? next(submission) : next;
    },
    async close() {},
  };
}

/** Takes every member; ids follow from the key and the place. */
export function acceptAll({ key, members }: Submission): Receipt {
  return {
    outcome: 'accepted',
    ids: Array.from({ length: members }, (_, place) => `${key}#${place}`),
    refused: [],
    limits,
  };
}

/** Permissive: names these places as refused and takes the others. */
export function refuseAt(...places: number[]): Scripted {
  return ({ key, members }) => ({
    outcome: 'accepted',
    ids: Array.from({ length: members }, (_, place) => (places.includes(place) ? null : `${key}#${place}`)),
    refused: places.map((index) => ({ index, reason: `place ${index} is no good` })),
    limits,
  });
}

/** Refuses whole requests that hold this address, whatever their size. */
export function refuseWith(address: string): Scripted {
  return (submission) => (addressesOf(submission.body).includes(address) ? refused : acceptAll(submission));
}

export const lost: Receipt = { outcome: 'lost', code: 'timeout', reason: 'No answer came in time.', limits };
export const refused: Receipt = { outcome: 'refused', code: 'validation_error', reason: 'no', limits };
export const busy: Receipt = {
  outcome: 'busy',
  code: 'concurrent_idempotent_requests',
  retryAfterMs: 1000,
  limits,
};
export const conflict: Receipt = {
  outcome: 'conflict',
  code: 'invalid_idempotent_request',
  reason: 'other bytes',
  limits,
};
export const halt: Receipt = { outcome: 'halt', code: 'suspended_api_key', reason: 'suspended', limits };
export const tooFast: Receipt = { outcome: 'wait', code: 'rate_limit_exceeded', retryAfterMs: 1000, limits };
export const parked = (until: Date): Receipt => ({
  outcome: 'parked',
  code: 'daily_quota_exceeded',
  until,
  limits,
});

function addressesOf(body: Buffer): string[] {
  const mails = JSON.parse(body.toString('latin1')) as { to: string } | { to: string }[];
  return [mails].flat().map(({ to }) => to);
}
