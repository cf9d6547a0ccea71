import type { Kernel } from './kernel.ts';

/** The kernel's memory, as far as it is the caller's: places are taken one behind the other, and given back all at once. */
export interface Arena {
  /** All of the memory, as bytes and as words. Whoever takes a place gets these anew. */
  bytes: Buffer;
  words: Int32Array;
  /** The place of so many bytes, the first of a word. Throws a sentence where all would become too many. */
  take(bytes: number): number;
  /** What has been taken so far is kept for good. */
  keep(): void;
  /** Gives back what was taken since. */
  clear(): void;
}

const pageBytes = 64 * 1024;
/** Sixteen times what an installation of today keeps. */
const arenaBytesMax = 256 * 1024 * 1024;
/** The kernel reads 64 bytes at a time, so beyond the end of the last place. */
const spareBytes = 64;

export function openArena({ memory, free }: Kernel): Arena {
  let first = free;
  let next = free;
  const arena: Arena = {
    ...seen(memory),
    take(bytes) {
      const place = Math.ceil(next / 4) * 4;
      const lacking = place + bytes + spareBytes - arena.bytes.length;
      if (lacking > 0) Object.assign(arena, grown(memory, lacking));
      next = place + bytes;
      return place;
    },
    keep: () => void (first = next),
    clear: () => void (next = first),
  };
  return arena;
}

/** By a quarter where it may, so that it is not done often. */
function grown(memory: WebAssembly.Memory, lacking: number): Pick<Arena, 'bytes' | 'words'> {
  const { byteLength } = memory.buffer;
  const most = arenaBytesMax - byteLength;
  if (lacking > most)
    throw new Error(
      `These mails have more than ${arenaBytesMax >> 20} MiB of fragments, far beyond any edition.`,
    );
  memory.grow(Math.ceil(Math.min(Math.max(lacking, byteLength / 4), most) / pageBytes));
  return seen(memory);
}

function seen({ buffer }: WebAssembly.Memory): Pick<Arena, 'bytes' | 'words'> {
  return { bytes: Buffer.from(buffer), words: new Int32Array(buffer) };
}
