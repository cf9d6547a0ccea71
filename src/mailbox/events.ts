import { randomUUID } from 'node:crypto';

import type { Kysely } from 'kysely';

import { saveMailboxEvent } from '../db/mailbox-messages.ts';
import { addMailboxSuppressions, type MailboxSuppression } from '../db/mailbox-suppressions.ts';
import { listMailboxWebhooks } from '../db/mailbox-webhooks.ts';
import type { Database } from '../db/schema.ts';
import { addressesOf } from './address.ts';
import { type Outcome, outcomes, suppressingOrigin } from './outcome.ts';
import { openPost, type PostTrouble, type Report } from './post.ts';

export type { Report } from './post.ts';

/** Real Resend tries for 27 hours; on one machine the other end is there within seconds or not at all. */
const defaultRetryAfterMs: readonly number[] = [1_000, 5_000, 30_000];

export interface MailboxEvents {
  /**
   * Reports an outcome to the webhook, signed, and resolves after the first attempt. A failed attempt is repeated in
   * the background with the same svix-id. What waits is kept in memory only: a restart forgets it. A permanent bounce
   * and a complaint put the address on the mailbox's own suppression list, as they do at Resend.
   */
  report(message: ReportedMessage, outcome: Outcome): Promise<Report>;
  /** Tells that an address came on the list, or went from it. */
  reportSuppression(is: 'added' | 'removed', entry: MailboxSuppression): Promise<void>;
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

export interface EventOptions {
  db: Kysely<Database>;
  webhookUrl: string;
  webhookSecret: string;
  /** Pauses before the repetitions of a failed attempt. */
  retryAfterMs?: readonly number[];
  /** Delays, duplicates and disorder, for tests and chaos. */
  webhookTrouble?: PostTrouble;
}

export function mailboxEvents(options: EventOptions): MailboxEvents {
  const post = openPost({
    retryAfterMs: options.retryAfterMs ?? defaultRetryAfterMs,
    ...(options.webhookTrouble && { trouble: options.webhookTrouble }),
  });

  /** To our own webhook, and to those that callers of the API have added. The report is our own's. */
  async function tell(type: string, body: string): Promise<Report> {
    const event = { id: `msg_${randomUUID()}`, body };
    const own = post.send({ endpoint: options.webhookUrl, secret: options.webhookSecret }, event);
    const added = await listMailboxWebhooks(options.db).catch(() => []);
    for (const { endpoint, secret, events, status } of added) {
      if (status === 'enabled' && events.includes(type)) void post.send({ endpoint, secret }, event);
    }
    return own;
  }

  async function suppress(message: ReportedMessage, outcome: Outcome): Promise<void> {
    const origin = suppressingOrigin[outcome];
    if (!origin) return;
    const entries = await addMailboxSuppressions(options.db, addressesOf(message.to), origin, message.id);
    for (const entry of entries) {
      if (entry.isNew) await tell('suppression.added', suppressionBody('added', entry));
    }
  }

  async function happen(message: ReportedMessage, outcome: Outcome): Promise<Report> {
    await saveMailboxEvent(options.db, message.id, outcomes[outcome].lastEvent);
    const report = await tell(outcomes[outcome].type, eventBody(message, outcome));
    await suppress(message, outcome);
    return report;
  }

  const running = new Set<Promise<unknown>>();
  async function track<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    return work.finally(() => running.delete(work));
  }

  return {
    report: (message, outcome) => track(happen(message, outcome)),
    async reportSuppression(is, entry) {
      await track(tell(`suppression.${is}`, suppressionBody(is, entry)));
    },
    async close() {
      const closed = post.close();
      await Promise.allSettled(running);
      await closed;
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

function suppressionBody(is: 'added' | 'removed', entry: MailboxSuppression): string {
  return JSON.stringify({
    type: `suppression.${is}`,
    created_at: new Date().toISOString(),
    data: {
      id: entry.id,
      email: entry.email,
      origin: entry.origin,
      source_id: entry.sourceId,
      created_at: entry.createdAt.toISOString(),
    },
  });
}
