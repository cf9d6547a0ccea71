/**
 * What a bounce says, by enhanced status code first (RFC 3463) and the provider's own words second (RULES 17).
 * Only hard and soft bounces ever count against an address; policy and content are the sender's to mend.
 */
export type BounceClass = 'hard' | 'soft' | 'policy' | 'content';

export interface BounceReport {
  /** The provider's type: Permanent, Transient, Undetermined. */
  type?: string;
  /** Its subtype: General, NoEmail, MailboxFull, MessageTooLarge, ContentRejected, … */
  subType?: string;
  /** SMTP diagnostics such as `smtp; 550 5.1.1 user unknown`. */
  diagnosticCodes: readonly string[];
}

export interface BounceRule {
  /** An enhanced status code, where `x` is any number; or the provider's words. */
  says: string;
  is: BounceClass;
  means: string;
}

/**
 * Enhanced status codes as RFC 3463 and IANA's registry have them; the first that fits decides. X.5.Z is not here: it
 * speaks of the protocol, and servers say it of mailboxes that are gone too, so what the provider makes of it counts.
 * docs/operating.md shows these rules to people.
 */
export const statusRules: readonly BounceRule[] = [
  { says: 'x.7.x', is: 'policy', means: 'refused for who sends, or how: standing, authentication, rate' },
  { says: 'x.1.7', is: 'policy', means: 'the sender’s address is malformed' },
  { says: 'x.1.8', is: 'policy', means: 'the sender’s domain is no good' },
  { says: 'x.2.3', is: 'content', means: 'too long for this mailbox' },
  { says: 'x.3.4', is: 'content', means: 'too big for the system' },
  { says: 'x.6.x', is: 'content', means: 'something in the mail' },
  { says: '5.1.1', is: 'hard', means: 'no such mailbox' },
  { says: '5.1.2', is: 'hard', means: 'no such domain' },
  { says: '5.1.3', is: 'hard', means: 'not an address' },
  { says: '5.1.6', is: 'hard', means: 'moved, nobody knows where to' },
  { says: '5.1.10', is: 'hard', means: 'the domain takes no mail (null MX)' },
  { says: '5.2.1', is: 'hard', means: 'the mailbox is disabled' },
  { says: '5.0.x', is: 'soft', means: 'for no reason given' },
  { says: '5.1.x', is: 'soft', means: 'something else about the address' },
  { says: '5.2.x', is: 'soft', means: 'something else about the mailbox: full, mostly' },
  { says: '5.3.x', is: 'soft', means: 'something about the receiving system' },
  { says: '5.4.x', is: 'soft', means: 'something about the way there' },
  { says: '4.x.x', is: 'soft', means: 'not now' },
];

/** The provider's words, where no code says anything: its subtype first, then its type. */
export const providerRules: readonly BounceRule[] = [
  { says: 'NoEmail', is: 'hard', means: 'no such mailbox' },
  { says: 'MailboxFull', is: 'soft', means: 'the mailbox is full' },
  { says: 'MessageTooLarge', is: 'content', means: 'too large' },
  { says: 'ContentRejected', is: 'content', means: 'something in the mail' },
  { says: 'AttachmentRejected', is: 'content', means: 'something attached to it' },
  {
    says: 'OnAccountSuppressionList',
    is: 'policy',
    means: 'on the account’s own list, which is compared with ours daily',
  },
  { says: 'Permanent', is: 'hard', means: 'what providers say of an address that is no more' },
];

const byStatus = statusRules.map(({ says, is }) => ({
  pattern: new RegExp(`^${says.replaceAll('.', '\\.').replaceAll('x', '\\d+')}$`),
  is,
}));

export function classifyBounce(report: BounceReport): BounceClass {
  for (const diagnostic of report.diagnosticCodes) {
    const status = enhancedStatus(diagnostic);
    const found = status && byStatus.find(({ pattern }) => pattern.test(status));
    if (found) return found.is;
  }
  const found = [report.subType, report.type]
    .map((word) => providerRules.find(({ says }) => says === word))
    .find((rule) => rule !== undefined);
  return found?.is ?? 'soft';
}

/** The enhanced status code in a diagnostic, `5.1.1`; undefined where there is none. */
export function enhancedStatus(diagnostic: string): string | undefined {
  return /(?:^|[^\d.])([45]\.\d{1,3}\.\d{1,3})(?!\.?\d)/.exec(diagnostic.slice(0, 2000))?.[1];
}

/** So many soft bounces in a row… */
export const softBouncesMax = 5;
/** …over at least so long suppress an address (RULES 17). */
export const softBouncesSpanMs = 7 * 86_400_000;

/** Whether soft bounces, one a mail, add up to a suppression. A delivery starts the count afresh. */
export function isWornOut(softAt: readonly Date[], deliveredAt: Date | null): boolean {
  const since = deliveredAt?.getTime() ?? -Infinity;
  const inARow = softAt.map((at) => at.getTime()).filter((at) => at > since);
  return inARow.length >= softBouncesMax && Math.max(...inARow) - Math.min(...inARow) >= softBouncesSpanMs;
}
