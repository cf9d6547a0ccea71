import { lengthOf } from './clean.ts';

/**
 * Text in lines of at most `columns` characters, broken at spaces. A word that is longer (an address) gets a line of its own.
 * The result has no trailing spaces and no last line break.
 */
export function wrap(text: string, columns: number = textColumns): string {
  const lines: string[] = [];
  let line = '';
  let width = 0;
  for (const word of text.split(/\s+/)) {
    if (!word) continue;
    const wordWidth = lengthOf(word);
    if (line && width + 1 + wordWidth > columns) {
      lines.push(line);
      line = '';
      width = 0;
    }
    line = line ? `${line} ${word}` : word;
    width += wordWidth + (width ? 1 : 0);
  }
  if (line) lines.push(line);
  return lines.join('\n');
}

/** Narrow enough for a terminal and for one level of quoting. */
export const textColumns = 74;
