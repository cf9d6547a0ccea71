import type { BounceClass } from '../domain/bounce.ts';
import type { LookedUp } from './resend-look-up.ts';
import type { SuppressionList } from './suppression-list.ts';

/** What carries mail: takes ready-made bytes under a key and returns a receipt. Never throws for an answer. */
export interface Transport {
  /** Base URL and account, hashed where secret. A batch attempted through one identity is never replayed by another (RULES 9). */
  readonly identity: string;
  /**
   * There is no idempotency key (SMTP): a request holds one mail, and one without an answer is never sent again
   * (RULES 13).
   */
  readonly isKeyless?: boolean;
  /** The provider's own suppression list, where it has one. */
  readonly suppressions?: SuppressionList;
  /** Asks what became of a mail, by the id on its receipt, where the provider can be asked. */
  lookUp?(id: string): Promise<LookedUp | undefined>;
  submit(request: Submission): Promise<Receipt>;
  close(): Promise<void>;
}

export interface Submission {
  /** One mail, or an array of at most 100 in one request. */
  kind: 'single' | 'batch';
  key: string;
  body: Buffer;
  /** How many mails the body holds; the answer must add up to it. */
  members: number;
  signal?: AbortSignal;
}

/**
 * The transport's answer. Decided by HTTP status and the provider's error name, never by text.
 * `lost` is the only outcome after which the mail may or may not have been taken.
 */
export type Receipt =
  | {
      outcome: 'accepted';
      /** By place in the body; null where that member was refused. */
      ids: (string | null)[];
      refused: { index: number; reason: string }[];
      limits: Limits;
    }
  /** Definitely not taken, and the same bytes would be refused again. `bounce` where a mail server said which kind. */
  | { outcome: 'refused'; code: string; reason: string; bounce?: BounceClass; limits: Limits }
  /** Definitely not taken, and nothing else will be before that time: everybody waits. Burns no attempt. */
  | { outcome: 'wait'; code: string; reason?: string; retryAfterMs: number; limits: Limits }
  /** Definitely not taken; this mail may be tried again later, and the others are not held up. */
  | { outcome: 'deferred'; code: string; reason: string; retryAfterMs: number; limits: Limits }
  /** Definitely not taken until a quota resets. */
  | { outcome: 'parked'; code: string; until: Date; limits: Limits }
  /** Nothing will be taken until the operator acts: bad key, suspended account, unverified domain. */
  | { outcome: 'halt'; code: string; reason: string; limits: Limits }
  /** Another request under this key is still running: the first one's answer will come. */
  | { outcome: 'busy'; code: string; retryAfterMs: number; limits: Limits }
  /** The key was used with other bytes: the original was accepted. A bug; alert. */
  | { outcome: 'conflict'; code: string; reason: string; limits: Limits }
  /** No usable answer: connection lost, timeout, 5xx, redirect, or an answer that does not add up. */
  | { outcome: 'lost'; code: string; reason: string; limits: Limits };

/** What the answer's headers say of the rate; empty where they say nothing. */
export interface Limits {
  perSecond?: number;
}
