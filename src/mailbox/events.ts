import { randomUUID } from 'node:crypto';

import type { Kysely } from 'kysely';

import { saveMailboxEvent } from '../db/mailbox-messages.ts';
import type { Database } from '../db/schema.ts';
import { signWebhook } from '../transport/resend-webhook.ts';
import { type Outcome, outcomes } from './outcome.ts';

/** Real Resend tries for 27 hours; on one machine the other end is there within seconds or not at all. */
const defaultRetryAfterMs: readonly number[] = [1_000, 5_000, 30_000];
const attemptTimeoutMs = 5_000;
const attemptsAtOnceMax = 8;
/** Events waiting for another attempt; beyond it a failed one is given up at once. */
const waitingMax = 1_000;
const closeWithinMs = 5_000;

export interface MailboxEvents {
  /**
   * Reports an outcome to the webhook, signed, and resolves after the first attempt. A failed attempt is repeated in
   * the background with the same svix-id. What waits is kept in memory only: a restart forgets it.
   */
  report(message: ReportedMessage, outcome: Outcome): Promise<Report>;
  /** Ends when every first attempt has been made, or after 5 s, and forgets the repetitions. */
  close(): Promise<void>;
}

export interface ReportedMessage {
  id: string;
  at: Date;
  from: string;
  to: string;
  subject: string;
  tags: Record<string, string>;
}

/** The webhook's HTTP status, or undefined when it gave none. */
export interface Report {
  taken: boolean;
  status: number | undefined;
}

export interface EventOptions {
  db: Kysely<Database>;
  webhookUrl: string;
  webhookSecret: string;
  /** Pauses before the repetitions of a failed attempt. */
  retryAfterMs?: readonly number[];
}

export function mailboxEvents(options: EventOptions): MailboxEvents {
  const retryAfterMs = options.retryAfterMs ?? defaultRetryAfterMs;
  const inTurn = takeTurns(attemptsAtOnceMax);
  const running = new Set<Promise<Report>>();
  const waiting = new Set<NodeJS.Timeout>();
  const stop = new AbortController();
  let closed = false;

  async function attempt(event: SignedEvent, nth: number): Promise<Report> {
    const report = await inTurn(() => postEvent(options, event, stop.signal));
    const delayMs = retryAfterMs[nth];
    if (!report.taken && !closed && delayMs !== undefined && waiting.size < waitingMax) {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        void attempt(event, nth + 1);
      }, delayMs);
      // A waiting repetition is no reason to keep a finished command alive.
      waiting.add(timer.unref());
    }
    return report;
  }

  async function first(message: ReportedMessage, outcome: Outcome): Promise<Report> {
    await saveMailboxEvent(options.db, message.id, outcomes[outcome].lastEvent);
    return attempt({ id: `msg_${randomUUID()}`, body: eventBody(message, outcome) }, 0);
  }

  return {
    async report(message, outcome) {
      const report = first(message, outcome);
      running.add(report);
      return report.finally(() => running.delete(report));
    },
    async close() {
      closed = true;
      for (const timer of waiting) clearTimeout(timer);
      const timer = setTimeout(() => stop.abort(), closeWithinMs);
      await Promise.allSettled(running);
      clearTimeout(timer);
    },
  };
}

interface SignedEvent {
  /** The svix-id, the same for every attempt. */
  id: string;
  body: string;
}

/** The event as Resend words it (resend.md 1.8). */
function eventBody(message: ReportedMessage, outcome: Outcome): string {
  const { type, detail } = outcomes[outcome];
  return JSON.stringify({
    type,
    created_at: new Date().toISOString(),
    data: {
      created_at: message.at.toISOString(),
      email_id: message.id,
      message_id: `<${message.id}@mailbox.invalid>`,
      from: message.from,
      to: message.to.split(', '),
      subject: message.subject,
      ...detail,
      tags: message.tags,
    },
  });
}

/** Each attempt is signed anew, because receivers refuse old timestamps. Never throws. */
async function postEvent(
  options: EventOptions,
  { id, body }: SignedEvent,
  stop: AbortSignal,
): Promise<Report> {
  const timestampS = Math.floor(Date.now() / 1_000);
  try {
    const response = await fetch(options.webhookUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'broadsheet-mailbox',
        'svix-id': id,
        'svix-timestamp': String(timestampS),
        'svix-signature': signWebhook(options.webhookSecret, id, timestampS, body),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([stop, AbortSignal.timeout(attemptTimeoutMs)]),
    });
    await response.body?.cancel();
    return { taken: response.ok, status: response.status };
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
