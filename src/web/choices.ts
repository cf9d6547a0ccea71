import { daysBetween, everyDay, isTimeZone } from '../domain/cadence.ts';
import { isDate } from '../domain/calendar.ts';
import { type Choices, type EmptyDays, type Layout, snoozeDaysMax } from '../domain/choices.ts';
import { digestPapersMax } from '../domain/digest.ts';
import { parseTopic, topicKey, topicsMax } from '../domain/topic.ts';
import { words } from '../words/words.ts';
import type { Form } from './form.ts';
import { namedFields, type NamedField, splitTopics, topicsOf } from './named-topics.ts';

/** The fields of the forms that choose, by the names of the import columns. */
export type ChoiceField =
  | 'email'
  | 'topics'
  | 'phrases'
  | NamedField
  | 'time_zone'
  | 'send_hour'
  | 'weekdays'
  | 'max_papers'
  | 'more'
  | 'muted'
  | 'layout'
  | 'format'
  | 'empty_days'
  | 'snoozed_until';

/** What is wrong, by field, in words for the reader. */
export type Faults = Partial<Record<ChoiceField, string>>;

/** A form's choices as they were typed, so that a page with a fault shows them again. */
export interface TypedChoices {
  slugs: readonly string[];
  phrases: string;
  /** Names of people, of organisations, and links of papers, one a line. */
  authors: string;
  organizations: string;
  likes: string;
  timeZone: string;
  sendHour: string;
  weekdays: number;
  maxPapers: string;
  /** Those of the topics that count for more, by slug or in the words they were typed in. */
  more: readonly string[];
  muted: string;
  layout: string;
  format: string;
  emptyDays: string;
  snoozedUntil: string;
}

export const untouched: TypedChoices = {
  slugs: [],
  phrases: '',
  authors: '',
  organizations: '',
  likes: '',
  timeZone: 'UTC',
  sendHour: '7',
  weekdays: everyDay,
  maxPapers: '7',
  more: [],
  muted: '',
  layout: 'abstracts',
  format: 'html',
  emptyDays: 'silence',
  snoozedUntil: '',
};

const said = words.choices.faults;
const phrasesLookedAtMax = 200;

/** Reads the choices of a form. Fields that it does not have stay as in `otherwise`. */
export function readTyped(form: Form, otherwise: TypedChoices): TypedChoices {
  const typed = (name: ChoiceField, fallback: string) => (form.has(name) ? form.text(name).trim() : fallback);
  return {
    slugs:
      form.has('topics') || form.has('phrases') ? form.all('topics').flatMap(splitTopics) : otherwise.slugs,
    phrases: form.has('phrases') ? form.text('phrases') : otherwise.phrases,
    authors: form.has('authors') ? form.text('authors') : otherwise.authors,
    organizations: form.has('organizations') ? form.text('organizations') : otherwise.organizations,
    likes: form.has('likes') ? form.text('likes') : otherwise.likes,
    timeZone: typed('time_zone', otherwise.timeZone),
    sendHour: typed('send_hour', otherwise.sendHour),
    weekdays: readWeekdays(form, otherwise.weekdays),
    maxPapers: typed('max_papers', otherwise.maxPapers),
    more: form.has('more') || form.has('more_shown') ? form.all('more') : otherwise.more,
    muted: form.has('muted') ? form.text('muted') : otherwise.muted,
    layout: typed('layout', otherwise.layout),
    format: typed('format', otherwise.format),
    emptyDays: typed('empty_days', otherwise.emptyDays),
    snoozedUntil: typed('snoozed_until', otherwise.snoozedUntil),
  };
}

/**
 * The choices behind what was typed, or every fault there is, each by its field. `today` is the reader's date: a snooze
 * that ends by then is none.
 */
export function checkTyped(
  typed: TypedChoices,
  today = '',
): { choices: Required<Choices> } | { faults: Faults } {
  const faults: Faults = {};
  const topics = topicsOfTyped(typed);
  const muted = splitTopics(typed.muted);
  const most = topicsMax - Math.min(muted.length, topicsMax);
  for (const field of fieldsOfNames) {
    const fault = checkTopics(topicsOf(field, typed[field]), topicsMax);
    if (fault) faults[field] = fault;
  }
  const own = [...typed.slugs, ...splitTopics(typed.phrases)];
  const topicFaults = checkTopics(topics.length > most ? topics : own, most);
  if (topicFaults) faults.phrases = topicFaults;
  const mutedFaults = checkTopics(muted, topicsMax) ?? findBoth(topics, muted);
  if (mutedFaults) faults.muted = mutedFaults;
  if (!isTimeZone(typed.timeZone)) {
    faults.time_zone = said.timeZone;
  }
  const sendHour = wholeNumber(typed.sendHour, 0, 23);
  if (sendHour === undefined) faults.send_hour = said.hour;
  const maxPapers = wholeNumber(typed.maxPapers, 1, digestPapersMax);
  if (maxPapers === undefined) faults.max_papers = said.maxPapers(digestPapersMax);
  if (typed.weekdays === 0) faults.weekdays = said.days;
  for (const [field, value, known] of [
    ['layout', typed.layout, ['abstracts', 'titles']],
    ['format', typed.format, ['html', 'text']],
    ['empty_days', typed.emptyDays, ['silence', 'note']],
  ] as const) {
    if (!known.some((one) => one === value)) faults[field] = said.either;
  }
  const snoozeFault = checkSnooze(typed.snoozedUntil, today);
  if (snoozeFault) faults.snoozed_until = snoozeFault;
  if (Object.keys(faults).length > 0) return { faults };
  const choices = {
    topics,
    timeZone: typed.timeZone,
    weekdays: typed.weekdays,
    sendHour: sendHour!,
    maxPapers: maxPapers!,
    more: typed.more.filter((topic) => topics.includes(topic)),
    muted,
    layout: typed.layout as Layout,
    isTextOnly: typed.format === 'text',
    emptyDays: typed.emptyDays as EmptyDays,
    snoozedUntil: typed.snoozedUntil > today ? typed.snoozedUntil : null,
  };
  return { choices };
}

function checkSnooze(date: string, today: string): string | undefined {
  if (date === '') return undefined;
  if (!isDate(date)) return said.snoozeDate;
  const isFar = today !== '' && daysBetween(today, date) > snoozeDaysMax;
  return isFar ? said.snoozeFar : undefined;
}

/** A topic that is wanted and never wanted at once. */
function findBoth(topics: readonly string[], muted: readonly string[]): string | undefined {
  const definitions = new Set(topics.map(definitionIn));
  const both = muted.find((topic) => definitions.has(definitionIn(topic)));
  return both && said.both(shorten(both));
}

function definitionIn(topic: string): string {
  const parsed = parseTopic(topic);
  return 'fault' in parsed ? topic : topicKey(parsed);
}

/** Everything that is followed, as a topic each: boxes, people, organisations, papers, one's own words. */
export function topicsOfTyped(typed: TypedChoices): string[] {
  const named = fieldsOfNames.flatMap((field) => topicsOf(field, typed[field]));
  return [...new Set([...typed.slugs, ...splitTopics(typed.phrases), ...named])];
}

const fieldsOfNames = Object.keys(namedFields) as NamedField[];

function checkTopics(topics: readonly string[], most: number): string | undefined {
  if (topics.length > most) return said.tooManyTopics(most, topics.length);
  const wrong: string[] = [];
  for (const topic of topics.slice(0, phrasesLookedAtMax)) {
    const parsed = parseTopic(topic);
    if ('fault' in parsed) wrong.push(said.topic(shorten(topic), parsed.fault));
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
