import { createReadStream } from 'node:fs';

/** A physical line of a text file, counted from 1, without its ending. */
export interface TextLine {
  line: number;
  text: string;
}

/** Longer lines come cut to one character more than this, so that a line of a gigabyte costs no memory. */
export const lineCharactersMax = 65_536;

/**
 * The lines of a UTF-8 file, split at `ending` and nowhere else: a line separator inside a text is part of the text. A
 * carriage return before the ending and a byte order mark at the start are left out.
 */
export async function* readTextLines(path: string, ending: '\n' | '\r'): AsyncGenerator<TextLine> {
  let [line, rest] = [0, ''];
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const parts = chunk.split(ending);
    parts[0] = cut(rest + parts[0]!);
    rest = cut(parts.pop()!);
    for (const part of parts) yield toLine(++line, part);
  }
  if (rest !== '') yield toLine(++line, rest);
}

/** Why a line can't be taken as it is; undefined when it can. */
export function faultOfLine(text: string): string | undefined {
  if (text.length > lineCharactersMax) return 'the line is too long';
  if (text.includes('\0') || text.includes('\uFFFD')) return 'is not UTF-8 text';
  return undefined;
}

function toLine(line: number, text: string): TextLine {
  const whole = line === 1 ? text.replace(/^\uFEFF/, '') : text;
  return { line, text: whole.endsWith('\r') ? whole.slice(0, -1) : whole };
}

function cut(text: string): string {
  return text.length > lineCharactersMax ? text.slice(0, lineCharactersMax + 1) : text;
}
