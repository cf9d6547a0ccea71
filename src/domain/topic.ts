import curated from '../topics.json' with { type: 'json' };
import { fieldOfKind, type NotedKind, parseNotation } from './topic-notation.ts';

/**
 * A topic that readers choose by name. They are edited in `src/topics.json`, and a start brings the database in line; what
 * operators added or changed at /operators/topics is theirs (docs/decisions/0018).
 */
export interface CuratedTopic {
  slug: string;
  name: string;
  /** Under which forms group it. */
  field: string;
  description: string;
  /**
   * A paper that has any of these belongs to the topic, and more with each. English endings do not matter; a space
   * also matches a hyphen ("text to video" finds "text-to-video").
   */
  phrases: readonly string[];
}

export const curatedTopics: readonly CuratedTopic[] = curated;

/** The definition that a curated topic has as a row: its phrases, any of which will do. */
export function definitionOf(topic: { phrases: readonly string[] }): string {
  return normalizeDefinition(topic.phrases.map((phrase) => `"${phrase}"`).join(' or '));
}

/** What a reader's words came to: a topic (with its slug when it is a curated one), or why they are none. */
export type ParsedTopic = Topic | { fault: string };

export type TopicKind = 'phrase' | NotedKind;

/** What a topic is, whatever it is called: two with the same kind and definition are one row. */
export interface TopicDefinition {
  kind: TopicKind;
  /**
   * Normalised. A phrase in websearch syntax; `lecun, yann`; `google deepmind`; `cs.RO` (or an archive, `cs`);
   * `arxiv:2511.20462`. Words to leave out stand behind it: `cs.RO -survey`.
   */
  definition: string;
}

export interface Topic extends TopicDefinition {
  /** As forms show it; reading it gives this topic again. Sentences take `spokenTopic` of it. */
  name: string;
  slug?: string;
}

/** The topic that can be chosen by a slug, or by a name whose slug it is. */
export type FindBySlug = (slug: string) => Topic | undefined;

/** A topic's identity as one text, for maps. */
export function topicKey({ kind, definition }: TopicDefinition): string {
  return `${kind} ${definition}`;
}

export const topicsMax = 50;
export const phraseCharactersMax = 80;

/**
 * Reads what a reader typed or chose, in forms, imports and the search box alike, of at most 80 characters:
 * - a slug or the name of a curated topic (`robotics`, `topic: robotics`);
 * - `author: Yann LeCun`, `org: DeepMind`, `category: cs.RO`, each with words to leave out (`-survey`);
 * - `like: 2511.20462`, for papers like that one;
 * - or a free phrase with at least one positive word that is no stop word (RULES 24).
 *
 * Which topics can be chosen by name, `findBySlug` knows: those of the data file, unless `openTopicReader` says more.
 */
export function parseTopic(text: string, findBySlug: FindBySlug = findCurated): ParsedTopic {
  const name = text
    .slice(0, charactersLookedAtMax)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
  if (name === '') return { fault: 'is empty' };
  if (text.length > charactersLookedAtMax || Array.from(name).length > phraseCharactersMax) {
    return { fault: `is too long: a topic has at most ${phraseCharactersMax} characters` };
  }
  const [, chosen] = /^topic\s?: ?(.*)$/i.exec(name) ?? [];
  const slug = /^[\p{L}\p{N} &-]+$/u.test(chosen ?? name) ? slugOf(chosen ?? name) : '';
  const curatedTopic = findBySlug(slug);
  if (curatedTopic) return { ...curatedTopic };
  if (chosen !== undefined) return { fault: 'is none of the topics that can be chosen by name' };
  return parseNoted(name) ?? parsePhrase(name);
}
const charactersLookedAtMax = 1000;

function parseNoted(text: string): ParsedTopic | undefined {
  const noted = parseNotation(text);
  if (noted === undefined || 'fault' in noted) return noted;
  const { kind, core, shown, leftOut } = noted;
  const words = leftOut === '' ? '' : normalizeDefinition(leftOut);
  if (words !== '' && meaningfulWords(splitAlternatives(words).flat()).all === 0) {
    return { fault: 'leaves out only common words like "the" or "of"' };
  }
  return {
    kind,
    definition: `${core} ${words}`.trim(),
    name: `${fieldOfKind[kind]}: ${shown} ${leftOut}`.trim(),
  };
}

/** The name of a topic "like this paper", which reads back as that topic: `like: 2511.20462 Flow Matching`. */
export function nameOfLike(key: string, title: string): string {
  // Where topics stand in a row, semicolons part them.
  const name = `${fieldOfKind.like}: ${key.replace('arxiv:', '')} ${title.replaceAll(/[;\s]+/g, ' ').trim()}`;
  const characters = Array.from(name.trim());
  if (characters.length <= phraseCharactersMax) return characters.join('');
  return `${characters
    .slice(0, phraseCharactersMax - 1)
    .join('')
    .trim()}…`;
}

function parsePhrase(name: string): ParsedTopic {
  const definition = normalizeDefinition(name);
  // Every alternative of an OR must stand on its own: `cats OR -dogs` would match nearly everything.
  const alternatives = splitAlternatives(definition)
    .map(meaningfulWords)
    .filter((words) => words.all > 0);
  if (alternatives.length === 0)
    return { fault: 'has no word to look for, only common ones like "the" or "of"' };
  if (alternatives.some((words) => words.positive === 0)) {
    return { fault: 'only says what to leave out; add a word to look for' };
  }
  return { kind: 'phrase', definition, name };
}

/** Curated topics by slug and by name, made once when first asked: an import asks hundreds of thousands of times. */
export function findCurated(slug: string): Topic | undefined {
  if (!curatedByName) {
    curatedByName = new Map();
    for (const topic of curatedTopics) {
      const { slug: own, name } = topic;
      const parsed: Topic = { kind: 'phrase', definition: definitionOf(topic), name, slug: own };
      for (const key of [slugOf(name), own]) if (!curatedByName.has(key)) curatedByName.set(key, parsed);
    }
  }
  return curatedByName.get(slug);
}

let curatedByName: Map<string, Topic> | undefined;

/**
 * Two spellings of one definition are one topic: compatibility forms, case, spaces, quote marks and hyphens are
 * levelled, and operators that only Postgres would see are dropped. Doing it twice changes nothing, so it goes on until it rests.
 */
export function normalizeDefinition(text: string): string {
  let current = text;
  for (let round = 0; round < roundsMax; round += 1) {
    const next = level(current);
    if (next === current) break;
    current = next;
  }
  return current;
}
const roundsMax = 10;

function level(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/[“”„‟«»]/g, '"')
    .replaceAll(/[\u2010-\u2015\u2212]/g, '-')
    .toLowerCase()
    .replaceAll(/[<>|&!():*\\]/g, ' ')
    .replaceAll(/(?<!\S)-+(?!\S)/g, ' ')
    .replaceAll(/(?<![^\s"])-{2,}/g, '-')
    .replaceAll(/"[^"]*"?|(?<![^\s-])\p{L}+(?:-\p{L}+)+(?!\S)/gu, spaceHyphens)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim();
}

/**
 * Postgres keeps a hyphenated word as one more word beside its parts, so `text-to-video` would only find that very
 * spelling. As the phrase of its parts it finds both.
 */
function spaceHyphens(token: string): string {
  const words = token
    .replaceAll('"', '')
    .replaceAll(/(?<=\p{L})-(?=\p{L})/gu, ' ')
    .trim();
  return words === '' ? ' ' : `"${words}"`;
}

/** `Video generation` → `video-generation`, as slugs are written. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('&', ' and ')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');
}

interface Token {
  text: string;
  negative: boolean;
}

/** The alternatives of a definition, as they are written: `a or "b c"` → `a`, `"b c"`. */
export function alternativesOf(definition: string): string[] {
  const alternatives: string[] = [];
  let start = 0;
  for (const match of definition.matchAll(/"[^"]*"?| or /g)) {
    if (match[0] !== ' or ') continue;
    alternatives.push(definition.slice(start, match.index));
    start = match.index + match[0].length;
  }
  return [...alternatives, definition.slice(start)].filter((text) => text.trim() !== '');
}

/** Splits at `or` outside quotes, as websearch does. */
function splitAlternatives(definition: string): Token[][] {
  const alternatives: Token[][] = [[]];
  for (const match of definition.matchAll(/(-?)(?:"([^"]*)"?|([^\s"]+))/g)) {
    const [, minus, quoted, bare] = match;
    if (bare === 'or' && minus === '') alternatives.push([]);
    else alternatives.at(-1)!.push({ text: quoted ?? bare ?? '', negative: minus === '-' });
  }
  return alternatives;
}

function meaningfulWords(tokens: readonly Token[]): { all: number; positive: number } {
  let [all, positive] = [0, 0];
  for (const token of tokens) {
    const words = token.text.match(/[\p{L}\p{N}]+/gu)?.filter((word) => !stopWords.has(word)).length ?? 0;
    all += words;
    if (!token.negative) positive += words;
  }
  return { all, positive };
}

/** Postgres' own list for English (snowball's english.stop), which its search ignores, and `or`. */
const stopWords = new Set(
  `i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it
  its itself they them their theirs themselves what which who whom this that these those am is are was were be been
  being have has had having do does did doing a an the and but if or because as until while of at by for with about
  against between into through during before after above below to from up down in out on off over under again further
  then once here there when where why how all any both each few more most other some such no nor not only own same so
  than too very s t can will just don should now`.split(/\s+/),
);
