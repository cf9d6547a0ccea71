import { within } from '../deadline.ts';
import { signWebhook } from '../transport/resend-webhook.ts';
import { dice } from './faults.ts';

/** Carries events to webhooks: signed, several at once, repeated while they fail, and as badly as is asked for. */
export interface Post {
  /** Resolves after the first attempt. */
  send(to: Endpoint, event: WebhookEvent): Promise<Report>;
  /** Ends when every first attempt has been made, or after 5 s, and forgets the repetitions. */
  close(): Promise<void>;
}

export interface Endpoint {
  endpoint: string;
  secret: string;
}

export interface WebhookEvent {
  /** The svix-id, the same for every attempt. */
  id: string;
  body: string;
}

/** The webhook's HTTP status, or undefined when it gave none. */
export interface Report {
  taken: boolean;
  status: number | undefined;
}

/** What Resend may do to events: nothing is promised about their order, their number or their time. */
export interface PostTrouble {
  /** Each event waits so long, at random between the two: they overtake one another. */
  delayMs?: readonly [least: number, most: number];
  /** This share comes twice, the second time after another delay. */
  duplicates?: number;
  /** The dice: the same number throws the same sequence. */
  seed?: number;
}

export interface PostOptions {
  retryAfterMs: readonly number[];
  trouble?: PostTrouble;
}

/** Resend's own pauses between the attempts (resend.md 1.8), to be scaled: `resendRetriesMs.map((ms) => ms / 1000)`. */
export const resendRetriesMs: readonly number[] = [
  5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000,
];

const attemptTimeoutMs = 5_000;
const attemptsAtOnceMax = 8;
/** Events waiting for another attempt; beyond it a failed one is given up at once. */
const waitingMax = 1_000;
const closeWithinMs = 5_000;

export function openPost({ retryAfterMs, trouble = {} }: PostOptions): Post {
  const inTurn = takeTurns(attemptsAtOnceMax);
  const running = new Set<Promise<Report>>();
  const waiting = new Set<NodeJS.Timeout>();
  const asleep = new Set<() => void>();
  const stop = new AbortController();
  const throwDice = dice(trouble.seed ?? 1);
  let closed = false;

  async function attempt(to: Endpoint, event: WebhookEvent, nth: number): Promise<Report> {
    const report = await inTurn(() => postEvent(to, event, stop.signal));
    const delayMs = retryAfterMs[nth];
    if (!report.taken && delayMs !== undefined) later(delayMs, () => void attempt(to, event, nth + 1));
    return report;
  }

  function later(delayMs: number, act: () => void): void {
    if (closed || waiting.size >= waitingMax) return;
    const timer = setTimeout(() => {
      waiting.delete(timer);
      act();
    }, delayMs);
    // A waiting repetition is no reason to keep a finished command alive.
    waiting.add(timer.unref());
  }

  /** Ends early when the post closes and has waited enough. */
  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        asleep.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      asleep.add(wake);
    });
  }

  function delay(): number {
    const [least, most] = trouble.delayMs ?? [0, 0];
    return least + throwDice() * (most - least);
  }

  async function first(to: Endpoint, event: WebhookEvent): Promise<Report> {
    const delayMs = delay();
    if (throwDice() < (trouble.duplicates ?? 0)) later(delay(), () => void attempt(to, event, Infinity));
    if (delayMs > 0) await sleep(delayMs);
    return attempt(to, event, 0);
  }

  return {
    async send(to, event) {
      const report = first(to, event);
      running.add(report);
      return report.finally(() => running.delete(report));
    },
    async close() {
      closed = true;
      for (const timer of waiting) clearTimeout(timer);
      const timer = setTimeout(() => {
        for (const wake of asleep) wake();
        stop.abort();
      }, closeWithinMs);
      await Promise.allSettled(running);
      clearTimeout(timer);
    },
  };
}

/** Each attempt is signed anew, because receivers refuse old timestamps. Never throws. */
async function postEvent(
  { endpoint, secret }: Endpoint,
  { id, body }: WebhookEvent,
  stop: AbortSignal,
): Promise<Report> {
  const timestampS = Math.floor(Date.now() / 1_000);
  try {
    return await within(attemptTimeoutMs, stop, async ({ signal }) => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'broadsheet-mailbox',
          'svix-id': id,
          'svix-timestamp': String(timestampS),
          'svix-signature': signWebhook(secret, id, timestampS, body),
        },
        body,
        redirect: 'manual',
        signal,
      });
      await response.body?.cancel();
      return { taken: response.ok, status: response.status };
    });
  } catch {
    return { taken: false, status: undefined };
  }
}

/** Runs at most so many at once; the others wait in line. */
function takeTurns(atOnceMax: number): <T>(run: () => Promise<T>) => Promise<T> {
  const line: (() => void)[] = [];
  let free = atOnceMax;
  return async (run) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      return await run();
    } finally {
      const next = line.shift();
      if (next) next();
      else free += 1;
    }
  };
}
