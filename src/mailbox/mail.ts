import { z } from 'zod';

import { readSchedule } from './schedule.ts';

/** A mail as `POST /emails` takes it, and Resend's words for what is wrong with one (resend.md 1.2, 1.6). */
export interface Mail {
  from: string;
  to: string[];
  subject: string;
  html: string;
  text: string;
  headers: Record<string, string>;
  tags: Record<string, string>;
  /** When it is to leave; null is at once. */
  scheduledAt: Date | null;
  /** Everybody who is to get it, copies included: each counts against a quota. */
  recipients: string[];
}

export interface MailFault {
  name: 'validation_error' | 'missing_required_field';
  message: string;
}

const recipientsMax = 50;
const tagsMax = 75;
const tagShape = /^[A-Za-z0-9_-]{1,256}$/;
const addressShape = /^[^\s<>@,;:"()[\]\\]+@[^\s<>@,;:"()[\]\\]+$/;

const addresses = z.union([z.string(), z.array(z.string()).min(1)]).transform((value) => [value].flat());
const optionalAddresses = addresses.nullish().transform((value) => value ?? []);

const shape = z.object({
  from: z.string(),
  to: addresses,
  subject: z.string(),
  html: z.string().nullish(),
  text: z.string().nullish(),
  cc: optionalAddresses,
  bcc: optionalAddresses,
  reply_to: optionalAddresses,
  headers: z.record(z.string(), z.string()).nullish(),
  tags: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  scheduled_at: z.string().nullish(),
  // The SDK's types allow null, the OpenAPI description does not.
  topic_id: z.string().nullish(),
});

export interface MailRules {
  kind: 'single' | 'batch';
  /** Resend refuses the reserved example domains; demonstrations are easier without. */
  refuseExampleDomains: boolean;
  now: Date;
}

/** The mail, or the first thing that is wrong with it. */
export function readMail(input: unknown, rules: MailRules): { mail: Mail } | { fault: MailFault } {
  const fields = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
  for (const field of ['from', 'to', 'subject']) {
    if (isAbsent(fields[field])) return missing(`Missing \`${field}\` field.`);
  }
  if (isAbsent(fields['html']) && isAbsent(fields['text'])) return missing('Missing `html` or `text` field.');
  if (rules.kind === 'batch' && !isAbsent(fields['attachments'])) {
    return invalid('The `attachments` field is not supported in a batch.');
  }
  const parsed = shape.safeParse(input);
  if (!parsed.success) return invalid(`Invalid \`${String(parsed.error.issues[0]?.path[0])}\` field.`);
  const message =
    faultOfAddresses(parsed.data, rules) ??
    faultOfHeaders(parsed.data) ??
    faultOfTags(parsed.data.tags ?? []);
  if (message !== undefined) return invalid(message);
  const schedule = readSchedule(parsed.data.scheduled_at ?? undefined, rules.now);
  return 'message' in schedule ? invalid(schedule.message) : { mail: mailOf(parsed.data, schedule.at) };
}

type Fields = z.infer<typeof shape>;

function faultOfAddresses(fields: Fields, rules: MailRules): string | undefined {
  const lists = {
    from: [fields.from],
    to: fields.to,
    cc: fields.cc,
    bcc: fields.bcc,
    reply_to: fields.reply_to,
  };
  for (const [field, list] of Object.entries(lists)) {
    if (list.length > recipientsMax)
      return `The \`${field}\` field must not have more than ${recipientsMax} addresses.`;
    for (const entry of list) {
      const address = /^[^<>]*<([^<>]*)>$/.exec(entry)?.[1] ?? entry;
      if (!addressShape.test(address)) return `Invalid \`${field}\` field. ${addressAdvice}`;
      // oxlint-disable-next-line no-control-regex -- ASCII is exactly this range.
      if (!/^[\x00-\x7f]*@/.test(address))
        return `Invalid \`${field}\` field. The email address contains non-ASCII characters.`;
      if (
        rules.refuseExampleDomains &&
        field !== 'from' &&
        /@(?:[^@]+\.)?example\.(?:com|net|org)$/i.test(address)
      ) {
        return `Invalid \`${field}\` field. Please use our testing email address instead of domains like \`example.com\`.`;
      }
    }
  }
  return undefined;
}

const addressAdvice =
  'The email address needs to follow the `email@example.com` or `Name <email@example.com>` format.';

/** A line break in a header would start another header. */
function faultOfHeaders(fields: Fields): string | undefined {
  if (/[\r\n]/.test(fields.subject)) return 'The `\\n` is not allowed in the `subject` field.';
  for (const [name, value] of Object.entries(fields.headers ?? {})) {
    if (!/^[!-9;-~]+$/.test(name) || /[\r\n]/.test(value)) return 'Invalid `headers` field.';
  }
  return undefined;
}

function faultOfTags(tags: readonly { name: string; value: string }[]): string | undefined {
  if (tags.length > tagsMax) return `The \`tags\` field must not have more than ${tagsMax} tags.`;
  const isFine = tags.every((tag) => tagShape.test(tag.name) && tagShape.test(tag.value));
  return isFine ? undefined : 'Tags should only contain ASCII letters, numbers, underscores, or dashes.';
}

/** Text columns hold no NUL and no half of a character; neither does any mail. */
function mailOf(fields: Fields, scheduledAt: Date | null): Mail {
  const clean = (value: string) => value.replaceAll(/[\0\p{Cs}]/gu, '\uFFFD');
  const addressed = { 'Reply-To': fields.reply_to, Cc: fields.cc, Bcc: fields.bcc };
  const headers = [
    ...Object.entries(addressed).flatMap(([name, list]) =>
      list.length > 0 ? [[name, list.join(', ')]] : [],
    ),
    ...Object.entries(fields.headers ?? {}),
  ];
  return {
    from: clean(fields.from),
    to: fields.to.map(clean),
    subject: clean(fields.subject),
    html: (fields.html ?? '').replaceAll('\0', '\uFFFD'),
    text: (fields.text ?? '').replaceAll('\0', '\uFFFD'),
    headers: Object.fromEntries(headers.map(([name, value]) => [name!, clean(value!)])),
    tags: Object.fromEntries((fields.tags ?? []).map((tag) => [tag.name, tag.value])),
    scheduledAt,
    recipients: [...fields.to, ...fields.cc, ...fields.bcc].map(clean),
  };
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function missing(message: string): { fault: MailFault } {
  return { fault: { name: 'missing_required_field', message } };
}

function invalid(message: string): { fault: MailFault } {
  return { fault: { name: 'validation_error', message } };
}
