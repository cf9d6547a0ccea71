/**
 * Reports that mail servers send as mail: of a delivery (RFC 3464, in Unicode RFC 6533) and of a complaint (RFC 5965).
 * Read strictly, from the parts made for machines; the prose beside them is nobody's word.
 */
export interface ReportPart {
  /** Its content type, in lower case, without parameters. */
  type: string;
  text: string;
}

export interface ReportedRecipient {
  action: 'failed' | 'delivered';
  /** As the report names them, in lower case: the original and the final one, where each is there. */
  addresses: string[];
  /** What the receiving server said first, then the status that the reporting one made of it. */
  diagnostics: string[];
  isPermanent: boolean;
}

export type Report =
  | { kind: 'delivery'; mailIds: string[]; recipients: ReportedRecipient[]; at: Date | undefined }
  | { kind: 'complaint'; mailIds: string[]; at: Date | undefined };

/** Under which our mails carry their Message-ID once more: some servers give them another. */
export const mailIdHeader = 'X-Broadsheet-ID';

const groupsMax = 50;
const fieldsMax = 100;
const valueCharsMax = 1_000;
const mailIdsMax = 5;
const deliveryTypes: ReadonlySet<string> = new Set([
  'message/delivery-status',
  'message/global-delivery-status',
]);
const originalTypes: ReadonlySet<string> = new Set([
  'message/rfc822',
  'text/rfc822-headers',
  'message/global',
  'message/global-headers',
]);

/** The report in a mail's parts, or why there is none that counts. */
export function readReport(parts: readonly ReportPart[]): Report | string {
  const delivery = parts.find(({ type }) => deliveryTypes.has(type));
  const feedback = parts.find(({ type }) => type === 'message/feedback-report');
  const original = parts.find(({ type }) => originalTypes.has(type));
  const headers = readFieldGroups(original?.text ?? '')[0] ?? new Map<string, string>();
  const ids = [headers.get(mailIdHeader.toLowerCase()), headers.get('message-id')].flatMap(readMailIds);
  if (feedback) return readComplaint(feedback.text, ids);
  return delivery ? readDelivery(delivery.text, ids) : 'no report';
}

/** Groups of fields, parted by empty lines, as RFC 5322 writes headers. Names in lower case; the first of a name counts. */
export function readFieldGroups(text: string): ReadonlyMap<string, string>[] {
  const groups: ReadonlyMap<string, string>[] = [];
  for (const block of text.trim().split(/\r?\n[ \t]*\r?\n/, groupsMax)) {
    const fields = new Map<string, string>();
    // A line that begins with a blank goes on with the one before it.
    for (const line of block.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/, fieldsMax)) {
      const [, name, value] = /^([!-9;-~]{1,80}):[ \t]*(.*)$/.exec(line.slice(0, valueCharsMax)) ?? [];
      if (name && value && !fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), value.trim());
    }
    if (fields.size > 0) groups.push(fields);
  }
  return groups;
}

/** The first group is about the mail, each other one about one recipient (RFC 3464 section 2). */
function readDelivery(text: string, ids: readonly string[]): Report | string {
  const [ofMail, ...groups] = readFieldGroups(text);
  const envelopeId = ofMail?.get('original-envelope-id');
  const mailIds = [...(envelopeId ? [`<${envelopeId}>`].flatMap(readMailIds) : []), ...ids];
  const recipients = groups.flatMap(readRecipient);
  if (groups.length === 0 || !groups.some((group) => group.has('action'))) return 'a report of no recipient';
  if (recipients.length === 0) return 'nothing final';
  const dates = [...groups.map((group) => group.get('last-attempt-date')), ofMail?.get('arrival-date')];
  return {
    kind: 'delivery',
    mailIds: mailIds.slice(0, mailIdsMax),
    recipients,
    at: dates.map(readDate).find(Boolean),
  };
}

/** One that was delayed, or passed on to where nobody reports, is not at its end yet. */
function readRecipient(group: ReadonlyMap<string, string>): ReportedRecipient[] {
  const action = group.get('action')?.toLowerCase();
  if (action !== 'failed' && action !== 'delivered') return [];
  const status = /^([245])\.\d{1,3}\.\d{1,3}\b/.exec(group.get('status') ?? '');
  const addresses = [group.get('original-recipient'), group.get('final-recipient')].flatMap(readAddress);
  const diagnostics = [group.get('diagnostic-code'), status?.[0]].filter((one) => one !== undefined);
  return [{ action, addresses, diagnostics, isPermanent: status?.[1] === '5' }];
}

/** Only what a reader pressed: other kinds tell of viruses, of signatures, or that it was no spam after all. */
function readComplaint(text: string, mailIds: readonly string[]): Report | string {
  const fields = readFieldGroups(text)[0];
  const kind = fields?.get('feedback-type')?.toLowerCase();
  if (kind !== 'abuse' && kind !== 'fraud') return 'feedback that is no complaint';
  const at = readDate(fields?.get('arrival-date')) ?? readDate(fields?.get('received-date'));
  return { kind: 'complaint', mailIds: mailIds.slice(0, mailIdsMax), at };
}

/** `rfc822; ada@uni.test` or `utf-8; …`. */
function readAddress(value: string | undefined): string[] {
  const [, address] = /^(?:rfc822|utf-8)\s*;\s*<?([^\s<>;]+@[^\s<>;]+)>?\s*$/i.exec(value ?? '') ?? [];
  return address ? [address.toLowerCase()] : [];
}

function readMailIds(value: string | undefined): string[] {
  return (value?.match(/<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>/g) ?? []).slice(0, mailIdsMax);
}

function readDate(value: string | undefined): Date | undefined {
  const at = new Date(value ?? Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
