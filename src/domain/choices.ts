import { isDate } from './calendar.ts';
import { everyDay, isTimeZone, type Slot } from './cadence.ts';
import { digestPapersMax } from './digest.ts';
import { shown } from './shown.ts';
import { type ParsedTopic, parseTopic, topicsMax } from './topic.ts';

/** What a reader chooses: topics, time, days, amount. */
export interface Choices extends Slot {
  /** Slugs or free phrases. */
  topics: string[];
  maxPapers: number;
  /** Those of the topics that count for more. Left out, what is stored stays; so with all that follows. */
  more?: readonly string[];
  /** Topics of which no paper may come, whatever else it matches. */
  muted?: readonly string[];
  layout?: Layout;
  /** Mail without HTML. */
  isTextOnly?: boolean;
  emptyDays?: EmptyDays;
  /** The first date on which mail comes again; null ends a snooze. */
  snoozedUntil?: string | null;
}

/** Whether a digest has the first sentences of each paper, or titles alone. */
export type Layout = 'abstracts' | 'titles';

/** What a day without papers brings: no mail, or a short one that says so. */
export type EmptyDays = 'silence' | 'note';

/** A snooze of more than a year is an unsubscription that nobody finds again. */
export const snoozeDaysMax = 366;

/** Every fault of these choices, each a sentence for the reader; empty when there is none. */
export function checkChoices(choices: Choices): string[] {
  const faults: string[] = [];
  const { timeZone, sendHour, weekdays, maxPapers, topics, muted = [], snoozedUntil } = choices;
  if (!isTimeZone(timeZone)) faults.push('This time zone is not known here; choose one like Europe/Paris.');
  if (!isWhole(sendHour, 0, 23)) faults.push('The hour must be from 0 to 23.');
  if (!isWhole(weekdays, 1, everyDay)) faults.push('Choose at least one day of the week.');
  if (!isWhole(maxPapers, 1, digestPapersMax)) {
    faults.push(`The number of papers must be from 1 to ${digestPapersMax}.`);
  }
  const all = [...topics, ...muted];
  if (all.length > topicsMax) faults.push(`At most ${topicsMax} topics, please; there are ${all.length}.`);
  if (snoozedUntil && !isDate(snoozedUntil)) faults.push('The day to begin again must be a date.');
  for (const topic of all.slice(0, topicsMax)) {
    const parsed = parseTopic(topic);
    if ('fault' in parsed) faults.push(`The topic "${shown(topic)}" ${parsed.fault}.`);
  }
  return faults;
}

/** Topics by the names that pages and mails show, each once; every name reads back as the same topic. */
export function namesOfTopics(
  topics: readonly string[],
  read: (text: string) => ParsedTopic = parseTopic,
): string[] {
  const names = topics.map((topic) => read(topic)).map((topic) => ('fault' in topic ? '' : topic.name));
  return [...new Set(names)].filter((name) => name !== '');
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
