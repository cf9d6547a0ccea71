/**
 * Whole numbers from 0 to 2³² − 1 as bytes, the small ones short: seven bits a byte, the lowest first, and the high bit says
 * that more follow (LEB128, as in DWARF and WebAssembly).
 */
export function encodeVarints(numbers: readonly number[]): Buffer {
  let length = 0;
  for (const number of numbers) length += bytesOf(number);
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const number of numbers) {
    let rest = number;
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
  }
  return bytes;
}

/** Reads them back. Throws for bytes that `encodeVarints` never makes: they are damaged. */
export function decodeVarints(bytes: Uint8Array): number[] {
  const numbers: number[] = [];
  let number = 0;
  let unit = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    number += (byte & 0x7f) * unit;
    if (byte > 0x7f) {
      if (unit === lastUnit) throw damaged(bytes, 'a number is longer than any');
      unit *= 0x80;
      continue;
    }
    if (number > numberMax) throw damaged(bytes, 'a number is larger than any');
    if (byte === 0 && unit > 1) throw damaged(bytes, 'a number is longer than it need be');
    numbers.push(number);
    number = 0;
    unit = 1;
  }
  if (unit > 1) throw damaged(bytes, 'the last number goes on');
  return numbers;
}

/** A whole number of either sign as one from 0, small where it is near 0: 0, −1, 1, −2 … become 0, 1, 2, 3 … */
export function zigzag(number: number): number {
  return number < 0 ? -2 * number - 1 : 2 * number;
}

/** Takes `zigzag` back. */
export function unzigzag(number: number): number {
  return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
}

const numberMax = 2 ** 32 - 1;
/** What the fifth byte counts, which is the last that a number up to `numberMax` needs. */
const lastUnit = 2 ** 28;

function bytesOf(number: number): number {
  if (number < 0x80) return 1;
  if (number < 0x40_00) return 2;
  if (number < 0x20_00_00) return 3;
  return number < lastUnit ? 4 : 5;
}

function damaged(bytes: Uint8Array, how: string): Error {
  return new Error(`These ${bytes.length} bytes are no list of numbers: ${how}.`);
}
