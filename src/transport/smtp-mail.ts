import { createHash } from 'node:crypto';

import type { SendMailOptions } from 'nodemailer';

import { mailIdHeader } from '../domain/server-report.ts';

/** One mail as a request body has it (src/render): what is in here is ours, and ASCII by its own escapes. */
interface FrozenMail {
  from: string;
  to: string;
  reply_to?: string;
  subject: string;
  /** Absent in a mail of text alone. */
  html?: string;
  text: string;
  headers?: Record<string, string>;
}

export type ComposedMail = SendMailOptions & { messageId: string };

/** RFC 5322 section 2.1.1, without the line's end. */
const headerCharsMax = 998;

/**
 * The one mail in a frozen body, for nodemailer. Its Message-ID follows from the key, so that a mail whose fate is
 * unknown can be looked for in the server's log.
 *
 * Headers go out on one line each: List-Unsubscribe folded inside its address has broken signatures and one-click
 * elsewhere. Undefined for a body that is not one mail.
 */
export function composeMail(body: Buffer, key: string): ComposedMail | undefined {
  const mail = readOne(body);
  if (!mail) return undefined;
  const messageId = messageIdOf(key, mail.from);
  return {
    from: mail.from,
    to: mail.to,
    ...(mail.reply_to !== undefined && { replyTo: mail.reply_to }),
    subject: mail.subject,
    ...(mail.html !== undefined && { html: mail.html }),
    text: mail.text,
    // Some servers give mails another Message-ID; what comes back names this one.
    headers: Object.entries({ ...mail.headers, [mailIdHeader]: messageId }).map(([name, value]) => ({
      key: name,
      value: oneLine(name, value),
    })),
    messageId,
    dsn: { id: messageId.slice(1, -1), return: 'headers', notify: ['failure'], recipient: mail.to },
    disableFileAccess: true,
    disableUrlAccess: true,
    // Quoted-printable keeps the ASCII of our mails readable, and every line short.
    textEncoding: 'quoted-printable',
  };
}

function readOne(body: Buffer): FrozenMail | undefined {
  try {
    const mails = [JSON.parse(body.toString('latin1'))].flat() as FrozenMail[];
    return mails.length === 1 && typeof mails[0]?.from === 'string' ? mails[0] : undefined;
  } catch {
    return undefined;
  }
}

/** `prepared` is nodemailer's word for "as it is". What is not plain ASCII is left to its encoder. */
function oneLine(name: string, value: string): string | { prepared: true; value: string } {
  const isPlain = /^[\x20-\x7e]*$/.test(value) && name.length + 2 + value.length <= headerCharsMax;
  return isPlain ? { prepared: true, value } : value;
}

function messageIdOf(key: string, from: string): string {
  const domain = /@([a-z0-9.-]+)>?$/i.exec(from.trim())?.[1] ?? 'broadsheet.invalid';
  return `<${createHash('sha256').update(key).digest('hex').slice(0, 32)}@${domain.toLowerCase()}>`;
}
