/**
 * What became of one subscriber's days: the answer to "why did I not get Tuesday's mail?". Pure: facts in, words out.
 */
import { addDays, daysBetween } from './cadence.ts';
import { weekdayNames } from './weekdays.ts';

export interface SubscriberDay {
  date: string;
  /** One word: accepted, delivered, bounced, complained, skipped, failed, unknown, waiting, none, due. */
  outcome: DayOutcome;
  /** A sentence where the word alone does not say why. */
  why: string | undefined;
  papers: number | undefined;
  /** When the outcome was known, ISO 8601. */
  at: string | undefined;
  needsHand: boolean;
}

export type DayOutcome =
  | 'accepted'
  | 'delivered'
  | 'bounced'
  | 'complained'
  | 'skipped'
  | 'failed'
  | 'unknown'
  | 'waiting'
  | 'none'
  | 'due';

export interface DatedEvent {
  at: string;
  event: string;
  [detail: string]: unknown;
}

export interface DaysFacts {
  /** Oldest and newest date to tell of, as the subscriber's calendar has them. */
  from: string;
  to: string;
  events: readonly DatedEvent[];
  status: 'unconfirmed' | 'active' | 'unsubscribed' | 'erased';
  confirmedOn: string | undefined;
  unsubscribedOn: string | undefined;
  notBefore: string | null;
  snoozedUntil: string | null;
  weekdays: number;
  /** The next date of the slot that was not planned yet. */
  nextLocalDate: string;
  /** Dates on which the slot came more than twelve hours late, or not at all (RULES 6). */
  missed: ReadonlySet<string>;
  /** The date of the digest that came with the welcome. */
  firstDigestOn: string | undefined;
}

/** Every date from `to` back to `from`, newest first, each with what became of it. */
export function tellDays(facts: DaysFacts): SubscriberDay[] {
  const days: SubscriberDay[] = [];
  for (let back = 0; back <= daysBetween(facts.from, facts.to); back++) {
    const date = addDays(facts.to, -back);
    const events = facts.events.filter((event) => event['date'] === date);
    days.push(events.length > 0 ? settledDay(date, events) : emptyDay(facts, date));
  }
  return days;
}

/** The gravest thing that happened to a day's digest says what became of it. */
const gravest: readonly [event: string, outcome: DayOutcome][] = [
  ['complained', 'complained'],
  ['bounced', 'bounced'],
  ['failed', 'failed'],
  ['unknown', 'unknown'],
  ['skipped', 'skipped'],
  ['delivered', 'delivered'],
  ['accepted', 'accepted'],
];

function settledDay(date: string, events: readonly DatedEvent[]): SubscriberDay {
  const papers = events.map((event) => event['papers']).find((n) => typeof n === 'number');
  for (const [name, outcome] of gravest) {
    const event = events.findLast((one) => one.event === name);
    if (!event) continue;
    return { date, outcome, why: whyOf(event), papers, at: event.at, needsHand: outcome === 'unknown' };
  }
  return {
    date,
    outcome: 'waiting',
    why: 'Composed, and not yet accepted.',
    papers,
    at: events.at(-1)!.at,
    needsHand: false,
  };
}

function whyOf(event: DatedEvent): string | undefined {
  const { event: name, reason } = event;
  if (name === 'bounced') {
    const said = typeof event['diagnostic'] === 'string' ? ` It said: ${event['diagnostic']}` : '';
    return `${bounceWords[String(event['class'])] ?? ''}${said}`.trim() || undefined;
  }
  if (name === 'skipped') return skipWords[String(reason)] ?? String(reason);
  if (name === 'complained') return 'The reader pressed “spam”.';
  if (name === 'unknown') {
    return 'The answer was lost and its key has run out; it is not sent again by itself.';
  }
  return typeof reason === 'string' ? `The transport said: ${reason}` : undefined;
}

const bounceWords: Record<string, string> = {
  hard: 'Hard: the address is no more.',
  soft: 'Soft: the mailbox could not take it just then.',
  policy: 'Policy: the receiving server refuses us, not the address.',
  content: 'Content: the receiving server refused what it said.',
};

const skipWords: Record<string, string> = {
  nothing_new: 'No paper of their topics that they had not seen.',
  suppressed: 'The address is suppressed.',
  unsubscribed: 'They had left.',
  too_late: 'The slot came more than twelve hours late.',
};

function emptyDay(facts: DaysFacts, date: string): SubscriberDay {
  const day = { date, papers: undefined, at: undefined, needsHand: false };
  if (facts.firstDigestOn === date) return { ...day, outcome: 'accepted', why: 'It came with the welcome.' };
  if (facts.missed.has(date) && facts.status === 'active') {
    return { ...day, outcome: 'skipped', why: skipWords['too_late'] };
  }
  const why = whyNone(facts, date);
  if (why) return { ...day, outcome: 'none', why };
  if (date >= facts.nextLocalDate) return { ...day, outcome: 'due', why: 'It is still to come.' };
  return {
    ...day,
    outcome: 'none',
    why: 'No digest was planned; they may have changed their days or time.',
  };
}

/** Why a date had no digest by the subscriber's own choices, as they are now. */
function whyNone(facts: DaysFacts, date: string): string | undefined {
  const { confirmedOn, unsubscribedOn, notBefore, snoozedUntil } = facts;
  if (facts.status === 'unconfirmed') return 'They have not confirmed yet.';
  if (confirmedOn === undefined || date < confirmedOn) return 'They were no reader yet.';
  if (facts.status !== 'active' && (!unsubscribedOn || date >= unsubscribedOn)) return 'They had left.';
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
  if ((facts.weekdays & (1 << weekday)) === 0) return `${weekdayNames[weekday]} is none of their days.`;
  if (snoozedUntil && date < snoozedUntil) return `They snoozed until ${snoozedUntil}.`;
  if (notBefore && date < notBefore) return `Their slot begins on ${notBefore}.`;
  return undefined;
}
