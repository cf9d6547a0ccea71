import { randomUUID } from 'node:crypto';

import type { NewMailboxMessage } from '../db/mailbox-messages.ts';
import { type Mail, type MailFault, type MailRules, readMail } from './mail.ts';

/** What Resend would say to a request's body, and the mails that it would create. */
export interface Acceptance {
  status: number;
  /** The answer's JSON, kept with the key so that a replay gets the very same. */
  answer: string;
  created: AcceptedMail[];
}

export interface AcceptedMail extends NewMailboxMessage {
  recipients: string[];
}

export interface AcceptanceRules extends MailRules {
  /** `x-batch-validation: permissive`: a batch's bad members are named and the others taken. */
  isPermissive: boolean;
}

const batchMax = 100;

export function acceptBody(body: Buffer, rules: AcceptanceRules): Acceptance {
  let input: unknown;
  try {
    input = JSON.parse(body.toString('utf8'));
  } catch {
    return failure(422, 'validation_error', 'The request body is not valid JSON.');
  }
  return rules.kind === 'batch' ? acceptBatch(input, rules) : acceptSingle(input, rules);
}

export function failure(status: number, name: string, message: string): Acceptance {
  return { status, answer: JSON.stringify({ statusCode: status, name, message }), created: [] };
}

function acceptSingle(input: unknown, rules: AcceptanceRules): Acceptance {
  const read = readMail(input, rules);
  if ('fault' in read) return refusal(read.fault);
  const message = messageOf(read.mail);
  return { status: 200, answer: JSON.stringify({ id: message.id }), created: [message] };
}

function acceptBatch(input: unknown, rules: AcceptanceRules): Acceptance {
  if (!Array.isArray(input)) {
    return failure(422, 'validation_error', 'The `request.body` field must be an `array`.');
  }
  if (input.length === 0 || input.length > batchMax) {
    return failure(422, 'validation_error', `A batch must have between 1 and ${batchMax} emails.`);
  }
  const created: AcceptedMail[] = [];
  const errors: { index: number; message: string }[] = [];
  for (const [index, entry] of input.entries()) {
    const read = readMail(entry, rules);
    if (!('fault' in read)) created.push(messageOf(read.mail));
    else if (rules.isPermissive) errors.push({ index, message: read.fault.message });
    else return refusal(read.fault);
  }
  const data = created.map(({ id }) => ({ id }));
  return { status: 200, answer: JSON.stringify(rules.isPermissive ? { data, errors } : { data }), created };
}

function refusal(fault: MailFault): Acceptance {
  return failure(422, fault.name, fault.message);
}

function messageOf(mail: Mail): AcceptedMail {
  return { ...mail, id: randomUUID(), to: mail.to.join(', ') };
}
