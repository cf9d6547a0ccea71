/** Bytes in the making: they grow at their end, in one place, and are copied only when that becomes too small. */
export interface Writing {
  bytes: Buffer;
  length: number;
}

/** Room for most request bodies; larger ones double it. */
const bytesAtFirst = 4 * 1024 * 1024;

export function openWriting(memory = new ArrayBuffer(bytesAtFirst)): Writing {
  return { bytes: Buffer.from(memory), length: 0 };
}

/** Adds bytes at the end. */
export function write(to: Writing, piece: Uint8Array): void {
  const end = to.length + piece.length;
  if (end > to.bytes.length) grow(to, end);
  to.bytes.set(piece, to.length);
  to.length = end;
}

/** What has been written so far; it shares its memory with the writing. */
export function written(from: Writing): Buffer {
  return from.bytes.subarray(0, from.length);
}

function grow(to: Writing, least: number): void {
  const larger = Buffer.from(new ArrayBuffer(Math.max(least, 2 * to.bytes.length)));
  larger.set(written(to));
  to.bytes = larger;
}
