import { everyDay, isTimeZone } from '../domain/cadence.ts';
import type { Choices } from '../domain/choices.ts';
import { digestPapersMax } from '../domain/digest.ts';
import { curatedTopics, parseTopic, topicsMax } from '../domain/topic.ts';
import type { Form } from './form.ts';

/** The fields of the forms that choose, by the names of the import columns. */
export type ChoiceField =
  | 'email'
  | 'topics'
  | 'phrases'
  | 'time_zone'
  | 'send_hour'
  | 'weekdays'
  | 'max_papers';

/** What is wrong, by field, in words for the reader. */
export type Faults = Partial<Record<ChoiceField, string>>;

/** A form's choices as they were typed, so that a page with a fault shows them again. */
export interface TypedChoices {
  slugs: readonly string[];
  phrases: string;
  timeZone: string;
  sendHour: string;
  weekdays: number;
  maxPapers: string;
}

export const untouched: TypedChoices = {
  slugs: [],
  phrases: '',
  timeZone: 'UTC',
  sendHour: '7',
  weekdays: everyDay,
  maxPapers: '7',
};

const phrasesLookedAtMax = 200;

/** Reads the choices of a form. Fields that it does not have stay as in `otherwise`. */
export function readTyped(form: Form, otherwise: TypedChoices): TypedChoices {
  const typed = (name: ChoiceField, fallback: string) => (form.has(name) ? form.text(name).trim() : fallback);
  return {
    slugs:
      form.has('topics') || form.has('phrases') ? form.all('topics').flatMap(splitTopics) : otherwise.slugs,
    phrases: form.has('phrases') ? form.text('phrases') : otherwise.phrases,
    timeZone: typed('time_zone', otherwise.timeZone),
    sendHour: typed('send_hour', otherwise.sendHour),
    weekdays: readWeekdays(form, otherwise.weekdays),
    maxPapers: typed('max_papers', otherwise.maxPapers),
  };
}

/** The choices behind what was typed, or every fault there is, each by its field. */
export function checkTyped(typed: TypedChoices): { choices: Choices } | { faults: Faults } {
  const faults: Faults = {};
  const topics = [...typed.slugs, ...splitTopics(typed.phrases)];
  const topicFaults = checkTopics(topics);
  if (topicFaults) faults.phrases = topicFaults;
  if (!isTimeZone(typed.timeZone)) {
    faults.time_zone = 'This time zone is not known here; choose one from the list.';
  }
  const sendHour = wholeNumber(typed.sendHour, 0, 23);
  if (sendHour === undefined) faults.send_hour = 'Choose an hour from 0 to 23.';
  const maxPapers = wholeNumber(typed.maxPapers, 1, digestPapersMax);
  if (maxPapers === undefined) faults.max_papers = `Choose a number from 1 to ${digestPapersMax}.`;
  if (typed.weekdays === 0) faults.weekdays = 'Choose at least one day.';
  if (Object.keys(faults).length > 0) return { faults };
  const { timeZone, weekdays } = typed;
  return { choices: { topics, timeZone, weekdays, sendHour: sendHour!, maxPapers: maxPapers! } };
}

/** Topics split as in an import: by semicolons or lines; nothing twice. */
export function splitTopics(text: string): string[] {
  const topics = text.split(/[;\r\n]+/).map((topic) => topic.trim());
  return [...new Set(topics.filter((topic) => topic !== ''))];
}

function checkTopics(topics: readonly string[]): string | undefined {
  if (topics.length > topicsMax) return `At most ${topicsMax} topics, please; there are ${topics.length}.`;
  const wrong: string[] = [];
  for (const topic of topics.slice(0, phrasesLookedAtMax)) {
    const parsed = parseTopic(topic);
    if ('fault' in parsed) wrong.push(`“${shorten(topic)}” ${parsed.fault}.`);
  }
  return wrong.length > 0 ? wrong.slice(0, 3).join(' ') : undefined;
}

function shorten(text: string): string {
  const characters = Array.from(text);
  return characters.length > 40 ? `${characters.slice(0, 39).join('')}…` : text;
}

/** Days are 1 (Monday) to 7. A form that shows the days and names none means none. */
function readWeekdays(form: Form, otherwise: number): number {
  if (!form.has('weekdays')) return form.has('weekdays_shown') ? 0 : otherwise;
  let bits = 0;
  for (const day of form.all('weekdays')) if (/^[1-7]$/.test(day)) bits |= 1 << (Number(day) - 1);
  return bits;
}

function wholeNumber(text: string, least: number, most: number): number | undefined {
  const value = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

/** Whether a slug is one of the topics that the forms show as boxes. */
export function isCurated(slug: string): boolean {
  return curatedTopics.some((topic) => topic.slug === slug);
}
