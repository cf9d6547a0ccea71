/** Everything that tells how a day goes, in one look. It only reads. */
import type { Context } from '../context.ts';
import type { EditionCourse } from '../db/breakers.ts';
import type { EditionOutcomes } from '../db/edition-facts.ts';
import { type GateState, readGate } from '../db/gates.ts';
import { type HeldEdition, listHeldEditions } from '../db/held-editions.ts';
import { listLedgers } from '../db/ledger.ts';
import { hasUsableList, listSourceDaysSince, type SourceDay } from '../db/listings.ts';
import { readStanding, type ReaderCounts, type Standing } from '../db/overview.ts';
import { addDays, utcDate } from '../domain/cadence.ts';
import type { Ledger } from '../domain/ledger.ts';
import { editionCourses } from './breakers.ts';
import { capToday } from './daily-cap.ts';
import { type DayStory, tellDay } from './day-story.ts';
import { tellLists } from './list-troubles.ts';

export interface Day {
  /** The newest editions first, with what the world said of them; undefined while that is being counted. */
  editions: { ledger: Ledger; outcomes: EditionOutcomes | undefined }[];
  /** The one that the story is about. */
  current: Ledger | undefined;
  gate: GateState;
  standing: Standing;
  /** Undefined while they are being counted. */
  readers: ReaderCounts | undefined;
  held: HeldEdition[];
  /** The open editions, newest first: which of them flow, and which breakers stopped. */
  courses: EditionCourse[];
  /** What counts towards the daily cap; undefined where there is none. */
  cap: { mails: number; cap: number } | undefined;
  sourceDays: SourceDay[];
  story: DayStory;
}

/** What takes a million rows to count; whoever asks says how it is come by. */
export interface DayCounts {
  outcomes(dates: readonly string[]): Promise<ReadonlyMap<string, EditionOutcomes>>;
  warning(date: string): Promise<string | undefined>;
  readers(): Promise<ReaderCounts | undefined>;
}

export interface DayWish {
  /** Up to this date; editions of dates that have only begun in the east come before it in the list. */
  until: string;
  days: number;
}

const nothingReported = { delivered: 0, bounced: 0, complained: 0 };

/** The editions up to now and the story of the newest that has begun everywhere. */
export async function readDay(ctx: Context, counts: DayCounts, { until, days }: DayWish): Promise<Day> {
  const today = utcDate(ctx.now());
  const yesterday = addDays(today, -1);
  const [ledgers, gate, standing, held, courses, cap, sourceDays, hasPapers] = await Promise.all([
    listLedgers(ctx.db, days),
    readGate(ctx.db, ctx.transport.identity),
    readStanding(ctx.db),
    listHeldEditions(ctx.db),
    editionCourses(ctx),
    capToday(ctx),
    listSourceDaysSince(ctx.db, addDays(today, -days)),
    hasUsableList(ctx.db, yesterday),
  ]);
  const current = ledgers.find(({ date }) => date <= until) ?? ledgers[0];
  const [outcomes, warning, readers] = await Promise.all([
    counts.outcomes(ledgers.map(({ date }) => date)),
    current && counts.warning(current.date),
    counts.readers(),
  ]);
  const lists = sourceDays.filter(({ day }) => day >= yesterday);
  const { troubles, aside } = tellLists(lists);
  const story = tellDay({
    ledger: current,
    ahead:
      until < today ? [] : ledgers.filter((one) => one !== current && one.date > until && one.audience > 0),
    outcomes: (current && outcomes.get(current.date)) ?? nothingReported,
    gate,
    standing,
    // What is told of yesterday's lists tells that as well.
    hasPapers: hasPapers || lists.some(({ day, state }) => day === yesterday && state === 'failed'),
    listTroubles: troubles,
    aside,
    warning,
    held,
    paused: courses.filter(({ course }) => course === 'paused'),
  });
  const editions = ledgers.map((ledger) => ({ ledger, outcomes: outcomes.get(ledger.date) }));
  return {
    editions,
    current,
    gate,
    standing,
    readers,
    held,
    courses: courses.toReversed(),
    cap,
    sourceDays,
    story,
  };
}
