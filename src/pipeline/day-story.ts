/** How a day goes, told in a sentence: on the operators' page, and in the report by mail. Facts in, words out. */
import type { GateState } from '../db/gates.ts';
import type { HeldEdition } from '../db/held-editions.ts';
import type { OutcomeCounts, Standing } from '../db/overview.ts';
import { type Ledger, total } from '../domain/ledger.ts';
import { weekdayOf } from '../domain/weekdays.ts';

/** What the day comes to: one sentence, and what needs a hand, the most urgent first. */
export interface DayStory {
  sentence: string;
  needs: string[];
}

export interface DayFacts {
  /** The newest edition. */
  ledger: Ledger | undefined;
  /** Editions of later dates, which have begun only where the day is further on. */
  ahead?: readonly Ledger[];
  outcomes: OutcomeCounts;
  gate: GateState;
  standing: Standing;
  /** Yesterday's list of papers could be read from some source. */
  hasPapers: boolean;
  /** Lists since yesterday that are not what they should be, in words. */
  listTroubles?: readonly string[];
  /** What is told without a need to act on it. */
  aside?: string | undefined;
  /** An audience that moved by more than half. */
  warning?: string | undefined;
  /** Editions that wait because of that. */
  held?: readonly HeldEdition[];
  /** Editions that a breaker or an operator paused. */
  paused?: readonly { date: string; reason: string | null }[];
}

/** Two missed ticks of the scheduler. */
const tickLateS = 120;
const eventsLateS = 300;

/** "Friday’s edition: 9,412 of 9,600 accepted, 8,951 delivered, 3 bounced." */
export function tellDay(facts: DayFacts): DayStory {
  const sentences = [editionSentence(facts), facts.aside];
  return { sentence: sentences.filter(Boolean).join(' '), needs: findNeeds(facts) };
}

function editionSentence({ ledger, ahead = [], outcomes }: DayFacts): string {
  if (!ledger) return 'No edition yet. The first comes when a reader is due.';
  const skipped = total(ledger.skipped);
  const due = ledger.audience - skipped;
  const parts = [
    `${number(ledger.accepted)} of ${number(due)} accepted`,
    `${number(outcomes.delivered)} delivered`,
    `${number(outcomes.bounced)} bounced`,
  ];
  if (ledger.pending > 0) parts.push(`${number(ledger.pending)} on the way`);
  if (skipped > 0) parts.push(`${number(skipped)} skipped`);
  return [`${weekdayOf(ledger.date)}’s edition: ${parts.join(', ')}.`, ...ahead.map(aheadSentence)].join(' ');
}

/** Whoever counts the mails finds these as well, and would miss them in the sentence before. */
function aheadSentence(ledger: Ledger): string {
  const due = ledger.audience - total(ledger.skipped);
  return `${weekdayOf(ledger.date)}’s has begun further east: ${number(ledger.accepted)} of ${number(due)} accepted.`;
}

function findNeeds({
  ledger,
  outcomes,
  gate,
  standing,
  hasPapers,
  listTroubles = [],
  warning,
  held = [],
  paused = [],
}: DayFacts): string[] {
  const needs: string[] = [];
  if (gate.haltedAt) needs.push(`All mail is halted: ${gate.reason ?? 'no reason was noted'}.`);
  else if (gate.parkedUntil) {
    needs.push(
      `Mail is parked until ${gate.parkedUntil.toISOString().slice(0, 16).replace('T', ' ')} UTC: ${gate.reason ?? 'a quota'}.`,
    );
  }
  for (const { date, reason } of paused) {
    needs.push(`${weekdayOf(date)}’s edition is paused. ${reason ?? 'No reason was noted.'}`);
  }
  if (standing.tickAgeS === null) needs.push('No scheduler has run yet.');
  else if (standing.tickAgeS > tickLateS) {
    needs.push(`The scheduler last ticked ${number(Math.round(standing.tickAgeS / 60))} minutes ago.`);
  }
  if (!hasPapers) needs.push('Yesterday’s list of papers could not be read.');
  needs.push(...listTroubles);
  for (const { date, reason } of held) {
    needs.push(`${weekdayOf(date)}’s edition is held, and nothing of it is planned: ${reason}`);
  }
  if (warning && !held.some(({ date }) => date === ledger?.date)) needs.push(warning);
  if (ledger && ledger.unknown > 0) {
    needs.push(`It is unknown whether ${number(ledger.unknown)} left; none of them is sent again by itself.`);
  }
  const failed = ledger ? total(ledger.failed) : 0;
  if (failed > 0) needs.push(`${number(failed)} failed.`);
  if (outcomes.complained > 0) needs.push(`${number(outcomes.complained)} complained.`);
  if (standing.oldestEventS !== null && standing.oldestEventS > eventsLateS) {
    needs.push(`${number(standing.unprocessedEvents)} webhook events wait to be worked off.`);
  }
  return needs;
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}
