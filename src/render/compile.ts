import { holeBase, holeMark } from './holes.ts';

/** Frozen bytes cut at their holes: a number is the hole, as written (text-side holes are n + 32). */
export type Template = readonly (Buffer | number)[];

/** Cuts frozen bytes at their holes, once, so that putting a mail together only copies. Throws on a broken hole. */
export function compile(bytes: Buffer): Template {
  const pieces: (Buffer | number)[] = [];
  let from = 0;
  for (let at = bytes.indexOf(holeMark); at >= 0; at = bytes.indexOf(holeMark, from)) {
    const n = (bytes[at + 1] ?? 0) - holeBase;
    if (n < 0 || n >= holesMax) {
      throw new Error(`These frozen bytes have a broken hole at byte ${at}: render them again.`);
    }
    if (at > from) pieces.push(bytes.subarray(from, at));
    pieces.push(n);
    from = at + 2;
  }
  if (from < bytes.length) pieces.push(bytes.subarray(from));
  return pieces;
}

const holesMax = 60;
