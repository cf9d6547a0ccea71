import { arxivKey, parseArxivId } from './arxiv-id.ts';
import { findArxivSubject } from './arxiv-categories.ts';
import { formatAuthorName, parseAuthorName } from './author-name.ts';
import { foldOrganization, isTellingOrganization } from './organization-name.ts';

/** The kinds of topics besides phrases, each with the word that stands before its colon. */
export const fieldOfKind = {
  author: 'author',
  organization: 'org',
  category: 'category',
  like: 'like',
} as const;
export type NotedKind = keyof typeof fieldOfKind;

/** What stands behind the colon, taken apart: whom or what it names, and the words it leaves out. */
export interface Noted {
  kind: NotedKind;
  /** Normalised: the same person, house or category in two spellings is the same. */
  core: string;
  /** As a reader wrote it, tidied; for a paper its identifier, and its title where that was given. */
  shown: string;
  /** `-survey -"video games"`, as written; '' where nothing is left out. */
  leftOut: string;
}

/**
 * Reads `author: Yann LeCun`, `org: DeepMind`, `category: cs.RO`, `like: 2511.20462`, each but the last with words to
 * leave out (`category: cs.RO -survey`). Undefined for a text that is no such thing, and so a phrase.
 */
export function parseNotation(text: string): Noted | { fault: string } | undefined {
  const [, field, rest = ''] = notation.exec(text) ?? [];
  const kind = field === undefined ? undefined : kindOfField[field.toLowerCase()];
  if (kind === undefined) return undefined;
  if (kind === 'like') return readLike(rest);
  const leftOut = [...rest.matchAll(negative)].map(([word]) => word.trim()).join(' ');
  const value = rest.replaceAll(negative, ' ').replaceAll('"', ' ').replaceAll(/\s+/g, ' ').trim();
  const read = { author: readAuthor, organization: readOrganization, category: readCategory }[kind](value);
  return typeof read === 'string' ? { fault: read } : { kind, ...read, leftOut };
}

const notation = /^\s*(author|org|organi[sz]ation|category|cat|like)\s?: ?(.*)$/isu;
const kindOfField: Readonly<Record<string, NotedKind>> = {
  author: 'author',
  org: 'organization',
  organisation: 'organization',
  organization: 'organization',
  category: 'category',
  cat: 'category',
  like: 'like',
};
/** Only after a space: hyphens within names belong to them. */
const negative = /(?<=^|\s)-(?:"[^"]*"?|[^\s"-][^\s"]*)/gu;

/** A definition's two parts: whom or what it names, and the words it leaves out in websearch syntax (`-survey`). */
export function partsOfDefinition(definition: string): { core: string; leftOut: string } {
  const at = definition.indexOf(' -');
  if (at < 0) return { core: definition, leftOut: '' };
  return { core: definition.slice(0, at), leftOut: definition.slice(at + 1) };
}

/**
 * Why a paper is here, from the topic's name: "by Yann LeCun", "from DeepMind", "in cs.RO without survey",
 * "like “Flow Matching”"; a phrase or a curated topic as it is.
 */
export function spokenTopic(name: string): string {
  const noted = parseNotation(name);
  if (!noted || 'fault' in noted) return name;
  const { kind, leftOut } = noted;
  const without = [...leftOut.matchAll(negative)].map(([word]) => word.slice(1)).join(' or ');
  return `${preposition[kind]} ${bareTopic(name)}${without && ` without ${without}`}`;
}

const preposition = { author: 'by', organization: 'from', category: 'in', like: 'like' } as const;

/** What one follows, from the topic's name: "Yann LeCun", "DeepMind", "cs.RO", "“Flow Matching”", "Robotics". */
export function bareTopic(name: string): string {
  const noted = parseNotation(name);
  if (!noted || 'fault' in noted) return name;
  if (noted.kind !== 'like') return noted.shown;
  const [, id, title] = /^(\S+)\s*(.*)$/su.exec(noted.shown)!;
  return title === '' ? `arXiv ${id}` : `“${title}”`;
}

type Read = { core: string; shown: string } | string;

function readAuthor(value: string): Read {
  const name = parseAuthorName(value);
  if (!name) return 'names nobody; write it like author: Yann LeCun';
  if (name.given.length === 0) {
    return 'has a family name only; add a given name or an initial, like author: Yann LeCun';
  }
  const turned = /^([^,]+),\s*([^,]+)$/.exec(value);
  return { core: formatAuthorName(name), shown: turned ? `${turned[2]} ${turned[1]}` : value };
}

function readOrganization(value: string): Read {
  if (!isTellingOrganization(value)) return 'names no organisation; write it like org: DeepMind';
  return { core: foldOrganization(value), shown: value };
}

function readCategory(value: string): Read {
  const code = findArxivSubject(value);
  if (code === undefined) return 'names no category of arXiv; write it like category: cs.RO';
  return { core: code, shown: code };
}

function readLike(rest: string): Noted | { fault: string } {
  const [, first = '', title = ''] = /^(\S*)\s*(.*)$/su.exec(rest.trim()) ?? [];
  const id = parseArxivId(first);
  if (!id) return { fault: 'names no paper of arXiv; write it like like: 2511.20462' };
  return { kind: 'like', core: arxivKey(id.id), shown: `${id.id} ${title}`.trim(), leftOut: '' };
}
