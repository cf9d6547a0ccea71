import { holeBase, holeMark, holeOf, textSide } from './holes.ts';

/** One fragment, frozen: ASCII bytes, ready JSON-escaped, with their holes. The text is its twin in text/plain. */
export interface FragmentBytes {
  html: Buffer;
  text: Buffer;
}

/** Markup with holes as frozen bytes. Whatever is not ASCII becomes a numeric entity. */
export function freezeHtml(markup: string): Buffer {
  return freeze(asciiHtml(markup), 0);
}

/** Text, or any other JSON string value, as frozen bytes. Whatever is not ASCII becomes a `\u` escape. */
export function freezeText(text: string): Buffer {
  return freeze(text, textSide);
}

/** The markup with every character beyond ASCII, but for the holes, as a numeric entity. */
export function asciiHtml(markup: string): string {
  return markup.replace(/[^\0-\x7f]/gu, (character) =>
    holeOf(character) >= 0 ? character : `&#${character.codePointAt(0)};`,
  );
}

/** Text as HTML, escaped exactly as React escapes it, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/["&'<>]/g, (character) => entities[character]!);
}

const entities: Record<string, string> = {
  '"': '&quot;',
  '&': '&amp;',
  "'": '&#x27;',
  '<': '&lt;',
  '>': '&gt;',
};

function freeze(text: string, side: number): Buffer {
  const escaped = JSON.stringify(text).slice(1, -1);
  const ascii = escaped.replace(/[^\0-\x7e]/g, (unit) => {
    const n = holeOf(unit);
    if (n >= 0) return String.fromCharCode(holeMark, holeBase + side + n);
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return Buffer.from(ascii, 'latin1');
}
