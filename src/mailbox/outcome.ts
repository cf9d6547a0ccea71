import type { MailboxSuppressionOrigin } from '../db/mailbox-suppressions.ts';

/** What can become of a mail, as Resend would report it. The codes are those of RFC 3463, as receiving servers give them. */
export type Outcome = 'delivered' | 'hard' | 'soft' | 'policy' | 'content' | 'complaint' | 'suppressed';

export interface OutcomeEvent {
  type: `email.${string}`;
  /** Resend's `last_event`. */
  lastEvent: string;
  /** What the event carries beside the mail itself. */
  detail: Record<string, unknown>;
}

export const outcomes: Readonly<Record<Outcome, OutcomeEvent>> = {
  delivered: { type: 'email.delivered', lastEvent: 'delivered', detail: {} },
  hard: bounce('Permanent', 'General', 'smtp; 550 5.1.1 Unknown user', 'No such mailbox.'),
  soft: bounce('Transient', 'MailboxFull', 'smtp; 452 4.2.2 Mailbox full', 'The mailbox is full.'),
  policy: bounce(
    'Permanent',
    'General',
    'smtp; 550 5.7.1 Message rejected by policy',
    'The receiving server refuses this sender.',
  ),
  content: bounce(
    'Transient',
    'ContentRejected',
    'smtp; 554 5.6.0 Message content rejected',
    'The receiving server refuses what the mail says.',
  ),
  complaint: { type: 'email.complained', lastEvent: 'complained', detail: {} },
  suppressed: {
    type: 'email.suppressed',
    lastEvent: 'suppressed',
    detail: {
      suppressed: {
        type: 'OnAccountSuppressionList',
        message: 'The address is on the account-level suppression list.',
        reason: 'previous_bounce',
        diagnosticCode: [],
      },
    },
  },
};

/**
 * Which outcomes put an address on the list of the account. A policy bounce is permanent for Resend, so it does too: a
 * healthy address may be there through no fault of its own.
 */
export const suppressingOrigin: Readonly<Partial<Record<Outcome, MailboxSuppressionOrigin>>> = {
  hard: 'bounce',
  policy: 'bounce',
  complaint: 'complaint',
};

/** Resend's test addresses, with or without a label: what happens to a mail to one of them right after acceptance. */
export function outcomeOfAddress(address: string): Outcome | undefined {
  const name = /(?:^|<)([a-z]+)(?:\+[^@]*)?@resend\.dev>?$/i.exec(address.trim())?.[1]?.toLowerCase();
  return name === undefined ? undefined : byTestAddress.get(name);
}

const byTestAddress: ReadonlyMap<string, Outcome> = new Map([
  ['delivered', 'delivered'],
  ['bounced', 'hard'],
  ['complained', 'complaint'],
  ['suppressed', 'suppressed'],
]);

function bounce(type: string, subType: string, diagnosticCode: string, message: string): OutcomeEvent {
  const detail = { bounce: { type, subType, message, diagnosticCode: [diagnosticCode] } };
  return { type: 'email.bounced', lastEvent: 'bounced', detail };
}
