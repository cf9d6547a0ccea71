import { type LackingList, sourceName } from '../domain/source-name.ts';
import { bareTopic, spokenTopic } from '../domain/topic-notation.ts';
import { clean, cutAtWord } from './clean.ts';
import { asciiHtml, escapeHtml } from './freeze.ts';
import { words } from '../words/words.ts';
import { textColumns } from './wrap.ts';

/** Why a paper was chosen: a topic of the reader that it matches, or a paper that they liked. */
export interface Reason {
  name: string;
  inTitle: boolean;
  /** `name` is the title of a paper of which the reader wanted more. */
  liked?: boolean;
}

/** "Video generation · in the title", "Robotics · by Yann LeCun", "Because you liked “Flow Matching in Latent Space”". */
export function whyLine(reasons: readonly Reason[], htmlBytesMax: number, isFeatured = false): string {
  const pick = isFeatured ? words.paper.featured : '';
  for (const charactersMax of [60, 30, 15, 8]) {
    const line = whyLineOf(reasons, charactersMax) + pick;
    if (asciiHtml(escapeHtml(line)).length <= htmlBytesMax) return line;
  }
  return noReason + pick;
}

/**
 * Whether the line of two topics is that of the first alone and then `whyRest` of the second: where nothing is shortened,
 * broken or escaped.
 */
export function isPlainPair(first: Reason, second: Reason): boolean {
  return (
    first.name.length + second.name.length <= pairCharactersMax &&
    !first.liked &&
    !second.liked &&
    plainName.test(first.name) &&
    plainName.test(second.name)
  );
}

/** What the second topic of a plain pair adds: " · Flow matching", or " · Flow matching · in the title" if that is so of both. */
export function whyRest(topic: string, bothInTitle: boolean): string {
  return `${topicsJoint}${topic}${bothInTitle ? words.paper.inTitle : ''}`;
}

/** "Friday, 12 December · 5 papers for you, chosen from 87 (arXiv had no list)". `localDate` is `YYYY-MM-DD`. */
export function daylineOf(day: {
  localDate: string;
  papers: number;
  chosenFrom: number;
  partial: boolean;
  lacking?: readonly LackingList[];
}): string {
  const date = new Date(`${day.localDate}T00:00:00Z`);
  const name = dates.weekday((date.getUTCDay() + 6) % 7, dates.day(date.getUTCDate(), date.getUTCMonth()));
  const remarks = new Set([
    ...(day.partial ? [words.digest.partial] : []),
    ...(day.lacking ?? []).map(({ source, state }) => words.front.list[state](sourceName(source))),
  ]);
  return words.digest.day(name, day.papers, day.chosenFrom, [...remarks]);
}

/** "at 07:00 in Paris", "at 18:00 in New York on weekdays". `weekdays` is a bit set, bit 0 is Monday. */
export function slotLineOf(slot: { timeZone: string; sendHour: number; weekdays: number }): string {
  const hour = `${String(slot.sendHour).padStart(2, '0')}:00`;
  return words.slots.at(hour, place(slot.timeZone), onDays(slot.weekdays));
}

/** What a reader follows, as the foot names it. */
export function topicName(name: string): string {
  return unlinked(cutAtWord(clean(bareTopic(name)), topicCharactersMax)) || words.digest.aTopic;
}

/** A word joiner in `cs.RO` and the like keeps mail programs from making it a link to somebody in Romania. */
function unlinked(text: string): string {
  return text.replaceAll(/(?<=\p{L})\.(?=\p{L})/gu, '.\u2060');
}

const topicCharactersMax = 70;
const reasonsMax = 3;
const topicsJoint = ' · ';
/** Two names that fit in one line of text with all that may stand around them. */
const pairCharactersMax = textColumns - topicsJoint.length - words.paper.inTitle.length;
/** Words of ASCII letters and digits with one space between them: no notation, no address, nothing that HTML escapes. */
const plainName = /^[a-z0-9-]+(?: [a-z0-9-]+)*$/i;
const { dates } = words;
const { noReason } = words.paper;
const daysOfWeek = [0, 1, 2, 3, 4, 5, 6];

function whyLineOf(reasons: readonly Reason[], charactersMax: number): string {
  const shown = reasons.slice(0, reasonsMax).filter((reason) => clean(reason.name) !== '');
  const first = shown[0];
  if (!first) return noReason;
  const name = ({ name: given, liked }: Reason) =>
    unlinked(cutAtWord(clean(liked ? given : spokenTopic(given)), charactersMax));
  if (first.liked) return words.paper.liked(name(first));
  const named = shown.filter((reason) => !reason.liked);
  // With several topics "in the title" would leave open which one, unless it is said of all.
  const inTitle = named.every((reason) => reason.inTitle) ? words.paper.inTitle : '';
  return `${named.map(name).join(topicsJoint)}${inTitle}`;
}

/** The zone's city as readers call it, or the zone where it has none. */
function place(timeZone: string): string {
  const zone = clean(timeZone);
  const offset = /^Etc\/GMT([+-])(\d{1,2})$/.exec(zone);
  // POSIX counts these the other way round: Etc/GMT+5 is five hours behind.
  if (offset) return `UTC${offset[1] === '+' ? '−' : '+'}${offset[2]}`;
  if (/^(?:Etc\/)?(?:UTC|GMT|UCT|Zulu|Universal|Greenwich)$/.test(zone)) return 'UTC';
  const city = zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ');
  return /^[A-Z\d+-]{2,7}$/.test(city) ? words.places.zone(city) : words.places.city(cutAtWord(city, 24));
}

function onDays(bits: number): string {
  const on = daysOfWeek.filter((day) => bits & (1 << day));
  const off = daysOfWeek.filter((day) => !(bits & (1 << day)));
  if (on.length === 0 || off.length === 0) return '';
  if (bits === 0b0011111) return words.slots.weekdays;
  if (bits === 0b1100000) return words.slots.weekends;
  if (on.length <= 3) return words.slots.onDays(on);
  return words.slots.butDays(off);
}
