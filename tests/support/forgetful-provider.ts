import { createHash } from 'node:crypto';
import type { Receipt, Submission, Transport } from '../../src/transport/transport.ts';

/** What the provider does with a request whose key it does not know. */
export type Mood =
  | 'takes'
  | 'takes and says nothing'
  | 'says nothing'
  | 'refuses some'
  | 'refuses all'
  | 'is too busy'
  | 'halts';

export const moods: readonly Mood[] = [
  'takes',
  'takes and says nothing',
  'says nothing',
  'refuses some',
  'refuses all',
  'is too busy',
  'halts',
];

export interface ForgetfulProvider extends Transport {
  mood: Mood;
  /** Mails taken, by tag: `d-<subscriber>-<yyyymmdd>`. */
  taken: Map<string, number>;
  /** Broken promises: a key with other bytes. */
  faults: string[];
}

const limits = { perSecond: 1000 };

/** Resend with its idempotency, in memory: the first answer to a key is its answer for ever, lost on the way or not. */
export function forgetfulProvider(): ForgetfulProvider {
  const answers = new Map<string, { hash: string; receipt: Receipt }>();
  const taken = new Map<string, number>();
  const faults: string[] = [];
  const provider: ForgetfulProvider = {
    identity: 'forgetful',
    mood: 'takes',
    taken,
    faults,
    async submit(request) {
      const { mood } = provider;
      const hash = createHash('sha256').update(request.body).digest('hex');
      const known = answers.get(request.key);
      if (known && known.hash !== hash) {
        faults.push(request.key);
        return { outcome: 'conflict', code: 'invalid_idempotent_request', reason: 'other bytes', limits };
      }
      if (mood === 'is too busy') {
        return { outcome: 'wait', code: 'rate_limit_exceeded', retryAfterMs: 1000, limits };
      }
      if (mood === 'halts')
        return { outcome: 'halt', code: 'suspended_api_key', reason: 'suspended', limits };
      if (mood === 'says nothing') return silence;
      if (known) return mood === 'takes and says nothing' ? silence : known.receipt;
      const receipt = first(request, mood, taken);
      // What was refused as a whole keeps no key: Resend forgets it too.
      if (receipt.outcome === 'accepted') answers.set(request.key, { hash, receipt });
      return mood === 'takes and says nothing' ? silence : receipt;
    },
    async close() {},
  };
  return provider;
}

const silence: Receipt = { outcome: 'lost', code: 'no_answer', reason: 'nothing came', limits };

function first(request: Submission, mood: Mood, taken: Map<string, number>): Receipt {
  if (mood === 'refuses all') return { outcome: 'refused', code: 'validation_error', reason: 'no', limits };
  const mails = JSON.parse(request.body.toString('latin1')) as { tags: { value: string }[] }[];
  const ids: (string | null)[] = [];
  const refused: { index: number; reason: string }[] = [];
  for (const [index, mail] of mails.entries()) {
    if (mood === 'refuses some' && index % 3 === 1) {
      refused.push({ index, reason: 'no such address' });
      ids.push(null);
      continue;
    }
    const tag = mail.tags[0]!.value;
    taken.set(tag, (taken.get(tag) ?? 0) + 1);
    ids.push(`${request.key} ${tag}`);
  }
  return { outcome: 'accepted', ids, refused, limits };
}
