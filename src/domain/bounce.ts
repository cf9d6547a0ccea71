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

/** Enhanced status codes, first match wins. */
const byStatus: readonly [pattern: RegExp, is: BounceClass][] = [
  [/^[45]\.7\./, 'policy'],
  [/^[45]\.(2\.3$|3\.4$|6\.)/, 'content'],
  [/^5\.1\.(1|2|3|6|10)$/, 'hard'],
  [/^5\.2\.1$/, 'hard'],
  [/^5\.[0-46]\./, 'soft'],
  [/^4\./, 'soft'],
];

const bySubType: ReadonlyMap<string, BounceClass> = new Map([
  ['NoEmail', 'hard'],
  ['MailboxFull', 'soft'],
  ['MessageTooLarge', 'content'],
  ['ContentRejected', 'content'],
  ['AttachmentRejected', 'content'],
]);

export function classifyBounce(report: BounceReport): BounceClass {
  for (const diagnostic of report.diagnosticCodes) {
    const status = enhancedStatus(diagnostic);
    const found = status && byStatus.find(([pattern]) => pattern.test(status));
    if (found) return found[1];
  }
  const known = bySubType.get(report.subType ?? '');
  if (known) return known;
  // A permanent bounce without a reason is what mailbox providers say of an address that is no more.
  return report.type === 'Permanent' ? 'hard' : 'soft';
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
