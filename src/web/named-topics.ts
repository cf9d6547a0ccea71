import { parseArxivId } from '../domain/arxiv-id.ts';
import { fieldOfKind, type NotedKind, parseNotation } from '../domain/topic-notation.ts';

/** The fields of a form that name whom or what one follows, one a line; the rest is in words of one's own. */
export const namedFields = { authors: 'author', organizations: 'organization', likes: 'like' } as const;
export type NamedField = keyof typeof namedFields;

/** Topics split as in an import: by semicolons or lines; nothing twice. A pasted link of a paper is "like this paper". */
export function splitTopics(text: string): string[] {
  const topics = text.split(/[;\r\n]+/).map((topic) => topic.trim());
  return [...new Set(topics.filter((topic) => topic !== '').map((topic) => likeOf(topic) ?? topic))];
}

/** The topics of such a field: "Yann LeCun" among the people is `author: Yann LeCun`. */
export function topicsOf(field: NamedField, text: string): string[] {
  const word = fieldOfKind[namedFields[field]];
  return splitTopics(text).map((line) => (parseNotation(line) ? line : `${word}: ${line}`));
}

/** Where a topic stands in the form, and as what: `author: Yann LeCun` is "Yann LeCun" among the people. */
export function placeOf(name: string): { field: NamedField | 'phrases'; line: string } {
  const noted = parseNotation(name);
  const kind: NotedKind | undefined = noted && !('fault' in noted) ? noted.kind : undefined;
  const field = (Object.keys(namedFields) as NamedField[]).find((one) => namedFields[one] === kind);
  return field ? { field, line: name.slice(name.indexOf(':') + 1).trim() } : { field: 'phrases', line: name };
}

/** `like: 2511.20462` for an identifier or an address of a paper on arXiv, or where else these are read. */
function likeOf(line: string): string | undefined {
  const bare = line
    .replace(elsewhere, '')
    .replace(/[?#].*$/, '')
    .replace(/\/$/, '');
  const found = parseArxivId(bare);
  return found && `${fieldOfKind.like}: ${found.id}`;
}

const elsewhere =
  /^https?:\/\/(?:huggingface\.co\/papers|(?:www\.)?alphaxiv\.org\/(?:abs|pdf|overview)|arxiv\.org\/html)\//i;
