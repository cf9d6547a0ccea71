/** How many mails may leave a UTC day: the same every day, or more from day to day while a new domain warms up. */
export type DailyCap = { mails: number } | { rampFrom: string };

/** Resend's advice for a new domain: the first seven days, and then so many times the day before. */
const firstDays = [150, 250, 400, 700, 1000, 1500, 2000] as const;
const growth = 1.4;
const dayMs = 86_400_000;

/** The cap of a UTC day, `YYYY-MM-DD`. Before a ramp has begun it is that of its first day. */
export function capOn(cap: DailyCap, day: string): number {
  if ('mails' in cap) return cap.mails;
  const daysIn = Math.max(0, Math.round((Date.parse(day) - Date.parse(cap.rampFrom)) / dayMs));
  const given = firstDays[daysIn];
  if (given !== undefined) return given;
  const beyond = daysIn - firstDays.length + 1;
  return Math.min(Number.MAX_SAFE_INTEGER, Math.floor(firstDays.at(-1)! * growth ** beyond));
}
