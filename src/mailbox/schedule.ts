/** Resend takes mails this far ahead. */
const aheadMsMax = 30 * 24 * 3_600_000;

const unitMs: Readonly<Record<string, number>> = {
  sec: 1_000,
  min: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/**
 * When a mail is to leave: ISO 8601, or the plainest of the words that Resend understands ("in 10 min"). Null is at
 * once, which a moment that has passed is too.
 */
export function readSchedule(text: string | undefined, now: Date): { at: Date | null } | { message: string } {
  if (text === undefined || text === '') return { at: null };
  const at = readMoment(text.trim(), now);
  if (at === undefined)
    return { message: 'Invalid `scheduled_at` field. The date must be in ISO 8601 format.' };
  if (at.getTime() - now.getTime() > aheadMsMax) {
    return { message: 'The `scheduled_at` field must not be more than 30 days in the future.' };
  }
  return { at: at > now ? at : null };
}

function readMoment(text: string, now: Date): Date | undefined {
  const words = /^in (\d{1,6}|an?) (sec|min|hour|day)(?:ond|ute)?s?$/i.exec(text);
  if (words) {
    const count = /^\d/.test(words[1]!) ? Number(words[1]) : 1;
    return new Date(now.getTime() + count * unitMs[words[2]!.toLowerCase()]!);
  }
  if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)/.test(text)) return undefined;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? undefined : at;
}
