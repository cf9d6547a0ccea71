import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The kernel: what the assembler does once for each mail, in WebAssembly. Its source is src/kernel, compiled by `npm run kernel`.
 * Places are byte offsets in its memory.
 */
export interface Kernel {
  memory: WebAssembly.Memory;
  /** What lies behind this is the caller's. */
  free: number;

  /** The place of the fragment with this number, 0 where none was set. Some `fragmentsMax` find theirs soon. */
  placeOf(id: number): number;
  setPlace(id: number, place: number): void;
  clearFragments(): void;
  fragmentsMax: number;
  /** The places of the five pieces that topics are strung together with, a word each. */
  joints: number;

  /** By hole, two words each: where the value that fills it lies, and how many bytes it has. */
  fill: number;
  /** Fills the holes of tag and tokens, under the key that was laid out there: its pads, the length of its id, and its id. */
  fillValues(key: number, subscriberId: number, addressVersion: number, date: number): void;
  /** A key of at most 64 bytes, with zeros behind it, becomes `padsBytes` bytes. */
  layOutKey(key: number, to: number): void;
  padsBytes: number;
  keyIdBytesMax: number;

  /** Room for a digest's packed composition. */
  composition: number;
  compositionBytesMax: number;
  /** The length of that digest's mail in the shell at this place, or one of the faults. */
  assemble(shell: number, compositionBytes: number): number;
  mail: number;
  mailBytesMax: number;
  /** The composition names a fragment that was not laid out, or is none. */
  lacking: number;
  damaged: number;
  /** A fragment has a hole where none may be. */
  badHole: number;
  tooLong: number;
}

/** A kernel with memory of its own. */
export function startKernel(module: WebAssembly.Module): Kernel {
  const { exports } = new WebAssembly.Instance(module);
  const named = Object.entries(exports).map(([name, value]) => [
    name,
    value instanceof WebAssembly.Global ? value.value : value,
  ]);
  return Object.fromEntries(named) as Kernel;
}

let compiled: WebAssembly.Module | undefined;

/** Compiled once; threads are given it. Throws a sentence where the file is not there or not whole. */
export function kernelModule(): WebAssembly.Module {
  return (compiled ??= compile(new URL('../kernel/kernel.wasm', import.meta.url)));
}

/** Only tests name another file. */
export function compile(file: URL): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(file));
  } catch (error) {
    const what = `${fileURLToPath(file)} cannot be loaded, and no mail can be put together without it`;
    throw new Error(`${what}: check it out again, or make it with \`npm run kernel\`.`, { cause: error });
  }
}
