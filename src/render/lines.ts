import { bareTopic, spokenTopic } from '../domain/topic-notation.ts';
import { clean, cutAtWord } from './clean.ts';
import { asciiHtml, escapeHtml } from './freeze.ts';
import { months, thousands } from './meta.ts';

/** Why a paper was chosen: a topic of the reader that it matches, or a paper that they liked. */
export interface Reason {
  name: string;
  inTitle: boolean;
  /** `name` is the title of a paper of which the reader wanted more. */
  liked?: boolean;
}

/** "Video generation · in the title", "Robotics · by Yann LeCun", "Because you liked “Flow Matching in Latent Space”". */
export function whyLine(reasons: readonly Reason[], htmlBytesMax: number): string {
  for (const charactersMax of [60, 30, 15, 8]) {
    const line = whyLineOf(reasons, charactersMax);
    if (asciiHtml(escapeHtml(line)).length <= htmlBytesMax) return line;
  }
  return noReason;
}

/** "Friday, 12 December · 5 papers for you, chosen from 87". `localDate` is `YYYY-MM-DD`. */
export function daylineOf(day: {
  localDate: string;
  papers: number;
  chosenFrom: number;
  partial: boolean;
}): string {
  const date = new Date(`${day.localDate}T00:00:00Z`);
  const name = `${weekdays[(date.getUTCDay() + 6) % 7]}, ${date.getUTCDate()} ${months[date.getUTCMonth()]}`;
  const partial = day.partial ? ' (the day’s list was not complete)' : '';
  if (day.papers === 0)
    return `${name} · nothing new for you among ${thousands(day.chosenFrom)} papers${partial}`;
  const papers = `${thousands(day.papers)} ${day.papers === 1 ? 'paper' : 'papers'} for you`;
  return `${name} · ${papers}, chosen from ${thousands(day.chosenFrom)}${partial}`;
}

/** "at 07:00 in Paris", "at 18:00 in New York on weekdays". `weekdays` is a bit set, bit 0 is Monday. */
export function slotLineOf(slot: { timeZone: string; sendHour: number; weekdays: number }): string {
  const hour = `${String(slot.sendHour).padStart(2, '0')}:00`;
  return `at ${hour} ${place(slot.timeZone)}${onDays(slot.weekdays)}`;
}

/** What a reader follows, as the foot names it. */
export function topicName(name: string): string {
  return unlinked(cutAtWord(clean(bareTopic(name)), topicCharactersMax)) || 'a topic';
}

/** A word joiner in `cs.RO` and the like keeps mail programs from making it a link to somebody in Romania. */
function unlinked(text: string): string {
  return text.replaceAll(/(?<=\p{L})\.(?=\p{L})/gu, '.\u2060');
}

const topicCharactersMax = 70;
const reasonsMax = 3;
const noReason = 'From the day’s list';
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

function whyLineOf(reasons: readonly Reason[], charactersMax: number): string {
  const shown = reasons.slice(0, reasonsMax).filter((reason) => clean(reason.name) !== '');
  const first = shown[0];
  if (!first) return noReason;
  const name = ({ name: given, liked }: Reason) =>
    unlinked(cutAtWord(clean(liked ? given : spokenTopic(given)), charactersMax));
  if (first.liked) return `Because you liked “${name(first)}”`;
  const named = shown.filter((reason) => !reason.liked);
  // With several topics "in the title" would leave open which one, unless it is said of all.
  const inTitle = named.every((reason) => reason.inTitle) ? ' · in the title' : '';
  return `${named.map(name).join(' · ')}${inTitle}`;
}

/** The zone's city as readers call it, or the zone where it has none. */
function place(timeZone: string): string {
  const zone = clean(timeZone);
  const offset = /^Etc\/GMT([+-])(\d{1,2})$/.exec(zone);
  // POSIX counts these the other way round: Etc/GMT+5 is five hours behind.
  if (offset) return `UTC${offset[1] === '+' ? '−' : '+'}${offset[2]}`;
  if (/^(?:Etc\/)?(?:UTC|GMT|UCT|Zulu|Universal|Greenwich)$/.test(zone)) return 'UTC';
  const city = zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ');
  return /^[A-Z\d+-]{2,7}$/.test(city) ? `${city} time` : `in ${cutAtWord(city, 24)}`;
}

function onDays(bits: number): string {
  const on = weekdays.filter((_, day) => bits & (1 << day));
  const off = weekdays.filter((_, day) => !(bits & (1 << day)));
  if (on.length === 0 || off.length === 0) return '';
  if (bits === 0b0011111) return ' on weekdays';
  if (bits === 0b1100000) return ' at weekends';
  if (on.length <= 3) return ` on ${listed(on.map((day) => `${day}s`))}`;
  return ` on every day but ${listed(off)}`;
}

/** "A", "A and B", "A, B and C". */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
