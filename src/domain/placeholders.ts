/**
 * Placeholders of a mail that operators write: `{{name}}`, in text or in a quoted attribute. Whatever else begins with
 * two braces is a slip, and is named with its line before anything is mailed.
 */
export interface Fault {
  /** Counted from 1; undefined where no line is to blame. */
  line: number | undefined;
  /** A sentence for the one who wrote it. */
  words: string;
}

export interface Placeholder {
  /** Undefined where what stands there is no placeholder. */
  name: string | undefined;
  /** As it is written, cut to a readable length. */
  written: string;
  start: number;
  end: number;
}

/** What a placeholder brings: a web address, or words. */
export type Brings = 'link' | 'words';

const writtenCharactersMax = 40;

/** Everything in a text that begins with two braces, in order. Takes any text; reads it once. */
export function findPlaceholders(text: string): Placeholder[] {
  const found: Placeholder[] = [];
  const pattern = /\{\{(?:\s*([A-Za-z]{1,40})\s*\}\})?/g;
  for (const match of text.matchAll(pattern)) {
    const [whole, name] = match;
    const start = match.index;
    const written = name === undefined ? text.slice(start, start + writtenCharactersMax) : whole;
    found.push({ name, written: written.split(/[\r\n]/, 1)[0]!, start, end: start + whole.length });
  }
  return found;
}

/** The text with each placeholder's value in its place. What is no placeholder stays as it is. */
export function fillPlaceholders(text: string, valueOf: (name: string) => string): string {
  let filled = '';
  let from = 0;
  for (const { name, start, end } of findPlaceholders(text)) {
    if (name === undefined) continue;
    filled += text.slice(from, start) + valueOf(name);
    from = end;
  }
  return filled + text.slice(from);
}

/**
 * What is wrong with the placeholders of a mail's source: unknown ones, slips, and words inside a tag, where only a link
 * is safe, because whoever chooses a topic would choose what a link does.
 */
export function checkPlaceholders(source: string, known: Readonly<Record<string, Brings>>): Fault[] {
  const names = Object.keys(known).map((name) => `{{${name}}}`);
  const tags = tagsOf(source);
  return findPlaceholders(source).flatMap(({ name, written, start }) => {
    const line = lineAt(source, start);
    if (name === undefined) {
      return { line, words: `“${written}” is no placeholder. Write one as ${names[0]}, letters only.` };
    }
    if (!Object.hasOwn(known, name)) {
      return { line, words: `{{${name}}} is not known. This mail may have ${names.join(', ')}.` };
    }
    const isInTag = tags.some((tag) => tag.start < start && start < tag.end);
    if (isInTag && known[name] === 'words') {
      return { line, words: `{{${name}}} stands inside a tag, where only links may. Move it into the text.` };
    }
    return [];
  });
}

/** The line of a place in a text, counted from 1. */
export function lineAt(text: string, place: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < place; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** Where tags stand, comments aside. A quoted `>` ends none. */
function tagsOf(source: string): { start: number; end: number }[] {
  const tags: { start: number; end: number }[] = [];
  for (const match of source.matchAll(/<!--[\s\S]*?(?:-->|$)|<[/A-Za-z](?:"[^"]*"|'[^']*'|[^"'>])*/g)) {
    if (match[0].startsWith('<!--')) continue;
    tags.push({ start: match.index, end: match.index + match[0].length });
  }
  return tags;
}
