import { randomUUID } from 'node:crypto';

import type { Kysely } from 'kysely';

import { saveMailboxEvent } from '../db/mailbox-messages.ts';
import type { Database } from '../db/schema.ts';
import { signWebhook } from '../transport/resend-webhook.ts';
import { type Outcome, outcomes } from './outcome.ts';

/** Real Resend tries for 27 hours; on one machine the other end is there within seconds or not at all. */
const retryAfterMs = [1_000, 5_000, 30_000] as const;
const attemptTimeoutMs = 5_000;
/** Events waiting for another attempt; beyond it a failed one is given up at once. */
const waitingMax = 1_000;

export interface MailboxEvents {
  /**
   * Reports an outcome to the webhook, signed, and resolves after the first attempt. A failed attempt is repeated in
   * the background with the same svix-id. What waits is kept in memory only: a restart forgets it.
   */
  report(message: ReportedMessage, outcome: Outcome): Promise<Report>;
  /** Ends after the attempts under way, and forgets the waiting ones. */
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
}

export function mailboxEvents({ db, webhookUrl, webhookSecret }: EventOptions): MailboxEvents {
  const running = new Set<Promise<unknown>>();
  const waiting = new Set<NodeJS.Timeout>();
  let closed = false;

  async function attempt(id: string, body: string, nth: number): Promise<Report> {
    const request = postEvent(webhookUrl, webhookSecret, id, body);
    running.add(request);
    const report = await request.finally(() => running.delete(request));
    const delayMs = retryAfterMs[nth];
    if (!report.taken && !closed && delayMs !== undefined && waiting.size < waitingMax) {
      const timer = setTimeout(() => {
        waiting.delete(timer);
        void attempt(id, body, nth + 1);
      }, delayMs);
      // A waiting repetition is no reason to keep a finished command alive.
      waiting.add(timer.unref());
    }
    return report;
  }

  return {
    async report(message, outcome) {
      await saveMailboxEvent(db, message.id, outcomes[outcome].lastEvent);
      return attempt(`msg_${randomUUID()}`, eventBody(message, outcome), 0);
    },
    async close() {
      closed = true;
      for (const timer of waiting) clearTimeout(timer);
      await Promise.allSettled(running);
    },
  };
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
async function postEvent(url: string, secret: string, id: string, body: string): Promise<Report> {
  const timestampS = Math.floor(Date.now() / 1_000);
  try {
    const response = await fetch(url, {
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
      signal: AbortSignal.timeout(attemptTimeoutMs),
    });
    await response.body?.cancel();
    return { taken: response.ok, status: response.status };
  } catch {
    return { taken: false, status: undefined };
  }
}
