import type { Outcome } from './outcome.ts';

/** How the mailbox's pages say things. Times are UTC: the mailbox does not know where the reader of its pages is. */

/** "12 Dec 07:00" */
export function moment(at: Date): string {
  const [day, month, hour, minute] = [
    at.getUTCDate(),
    months[at.getUTCMonth()],
    at.getUTCHours(),
    at.getUTCMinutes(),
  ];
  return `${day} ${month} ${two(hour)}:${two(minute)}`;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "24 KB", as Gmail counts before it clips: 1,024 bytes. */
export function kilobytes(bytes: number): string {
  return bytes < 1_024 ? `${bytes} B` : `${Math.round(bytes / 1_024)} KB`;
}

/** The buttons, and what each says has happened. */
export const outcomeWords: Readonly<Record<Outcome, { button: string; says: string }>> = {
  delivered: { button: 'Delivered', says: 'delivered' },
  hard: { button: 'Hard bounce', says: 'a hard bounce (550 5.1.1, no such mailbox)' },
  soft: { button: 'Soft bounce', says: 'a soft bounce (452 4.2.2, mailbox full)' },
  policy: { button: 'Policy bounce', says: 'a policy bounce (550 5.7.1, sender refused)' },
  content: { button: 'Content bounce', says: 'a content bounce (554 5.6.0, content refused)' },
  complaint: { button: 'Complaint', says: 'a complaint: the reader pressed “spam”' },
  suppressed: { button: 'Suppressed', says: 'suppressed: the address is on Resend’s own list' },
};

/** One line for what a press of a button did. `answer` is the webhook's HTTP status, or `none`. */
export function saidLine(outcome: Outcome, answer: string): string {
  const what = `Reported ${outcomeWords[outcome].says}.`;
  if (/^2\d\d$/.test(answer)) return `${what} Broadsheet took the signed webhook (${answer}).`;
  const why = answer === 'none' ? 'gave no answer' : `answered ${answer}`;
  return `${what} The webhook ${why}, so Broadsheet may not know of it yet; it is tried three more times within 40 seconds.`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
