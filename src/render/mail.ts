/** One mail of a request body, read back. */
export interface Mail {
  from: string;
  to: string;
  replyTo: string | undefined;
  subject: string;
  /** Empty in a mail of text alone. */
  html: string;
  text: string;
  headers: Record<string, string>;
  tags: { name: string; value: string }[];
}

/** Gmail clips a mail's HTML at 102 KB, and the unsubscribe link with it. */
export const htmlBytesMax = 90_000;

/** The mail in the bytes that assembleDigest or noticeBody made. Throws when they are not the JSON of one mail. */
export function readMail(bytes: Buffer): Mail {
  return parseMail(bytes.toString('latin1'));
}

function parseMail(json: string): Mail {
  const mail = JSON.parse(json) as Partial<Mail> & { reply_to?: string };
  return {
    from: mail.from ?? '',
    to: mail.to ?? '',
    replyTo: mail.reply_to,
    subject: mail.subject ?? '',
    html: mail.html ?? '',
    text: mail.text ?? '',
    headers: mail.headers ?? {},
    tags: mail.tags ?? [],
  };
}

/**
 * What is wrong with a digest's final bytes, as sentences; empty when it may be handed over. Looked at on the very
 * bytes that go out, because headers that a template forgot have been lost for whole releases elsewhere
 * (RFC 8058 section 3.1, RFC 2919, RFC 3834).
 */
export function checkMail(bytes: Buffer, isTextOnly = false): string[] {
  const json = bytes.toString('latin1');
  if (notPrintable.test(json))
    return ['The mail has bytes that are not printable ASCII: a hole was left open.'];
  let mail: Mail;
  try {
    mail = parseMail(json);
  } catch {
    return ['The mail is not valid JSON.'];
  }
  return [...checkHeaders(mail), ...checkParts(mail), ...(isTextOnly ? [] : checkHtml(mail))];
}

function checkHeaders(mail: Mail): string[] {
  const faults: string[] = [];
  const { headers } = mail;
  if (!/^<https?:\/\/[^<>\s,]+>$/.test(headers['List-Unsubscribe'] ?? '')) {
    faults.push('List-Unsubscribe must be exactly one web address in angle brackets.');
  }
  if (headers['List-Unsubscribe-Post'] !== 'List-Unsubscribe=One-Click') {
    faults.push('List-Unsubscribe-Post must be "List-Unsubscribe=One-Click".');
  }
  if (!/^[^<>]*<[^<>\s]+>$/.test(headers['List-Id'] ?? '')) faults.push('List-Id is missing.');
  if (headers['Auto-Submitted'] !== 'auto-generated') {
    faults.push('Auto-Submitted must be "auto-generated".');
  }
  for (const [name, value] of Object.entries(headers)) {
    if (/[\r\n]/.test(value)) faults.push(`The header ${name} has a line break.`);
  }
  return faults;
}

function checkParts(mail: Mail): string[] {
  const faults: string[] = [];
  if (!mail.from) faults.push('The mail has no sender.');
  if (!mail.to.includes('@')) faults.push('The mail has no address.');
  if (!mail.subject.trim()) faults.push('The subject is empty.');
  if (/[\r\n]/.test(mail.subject)) faults.push('The subject has a line break.');
  if (!mail.text.trim()) faults.push('The text part is empty.');
  const unsubscribe = mail.headers['List-Unsubscribe']?.slice(1, -1);
  if (unsubscribe && !hasInFoot(mail.text, unsubscribe))
    faults.push('The text part has no link to unsubscribe.');
  return faults;
}

function checkHtml(mail: Mail): string[] {
  const faults: string[] = [];
  if (!hasInFoot(mail.html, '</html>')) faults.push('The HTML part is not whole.');
  if (mail.html.length > htmlBytesMax) {
    faults.push(`The HTML part has ${mail.html.length} bytes; ${htmlBytesMax} is the most.`);
  }
  const unsubscribe = mail.headers['List-Unsubscribe']?.slice(1, -1);
  if (unsubscribe && !hasInFoot(mail.html, unsubscribe))
    faults.push('The HTML part has no link to unsubscribe.');
  return faults;
}

/** Whether a part has this. What is asked for here stands at the end, and is found from there at once. */
function hasInFoot(part: string, what: string): boolean {
  return part.lastIndexOf(what) >= 0;
}

const notPrintable = /[^\x20-\x7e]/;
