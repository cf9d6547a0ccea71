import * as Hole from '../kernel/holes.ts';

/**
 * The numbered places in a frozen fragment. A hole takes another frozen fragment or a token in a URL-safe
 * alphabet, and nothing else: whatever fills it is ready escaped.
 *
 * While markup is drawn a hole is one private-use character, which React passes through untouched, also inside
 * an attribute. In frozen bytes it is the byte 0x01 and one byte 0x40 + n: no JSON text can hold a 0x01.
 */
export { Hole };

/** A hole outside HTML is frozen as n + 32, and takes the text twin of its fragment instead of the HTML twin. */
export const textSide = 32;

/** The byte that opens a hole in frozen bytes, and the number that the byte after it counts from. */
export const holeMark = 0x01;
export const holeBase = 0x40;

const firstCharacter = 0xe000;

/** Hole `n` as it stands in React props and in text: the character U+E000 + n. */
export function hole(n: number): string {
  return String.fromCharCode(firstCharacter + n);
}

/** The number of the hole that a character stands for, or -1. */
export function holeOf(character: string): number {
  const n = character.charCodeAt(0) - firstCharacter;
  return character.length === 1 && n >= 0 && n < textSide ? n : -1;
}
