import { words } from '../words/words.ts';
import type { Arena } from './arena.ts';
import { type FragmentBytes, freezeText } from './freeze.ts';
import { Hole, holeBase, holeMark, textSide } from './holes.ts';
import type { Kernel } from './kernel.ts';

const headerWords = 7;
/** A stretch's length shares its word with a hole. */
const stretchBytesMax = 2 ** 24 - 1;
const cardHoles = bitsOf([Hole.why, Hole.tasteToken]);
const shellHoles = bitsOf(Object.values(Hole)) & ~bitsOf([Hole.why]);

/** Lays a fragment out, and gives its place. Throws a sentence when it has a hole that no fragment has. */
export function layOutFragment(arena: Arena, { html, text }: FragmentBytes): number {
  const sides = [cut(html), cut(text)] as const;
  if ((sides[0].holes | sides[1].holes) & ~cardHoles)
    throw new Error('A fragment has a hole that no fragment has: render its edition again.');
  return lay(arena, sides);
}

/** Lays a shell out. Throws a sentence when it has a hole that nothing fills. */
export function layOutShell(arena: Arena, bytes: Uint8Array): number {
  const side = cut(bytes);
  if (side.holes & ~shellHoles)
    throw new Error('The shell has a hole that nothing fills: it was made by another version.');
  return lay(arena, [side, cut(nothing)]);
}

/** Lays out what topics are strung together with in the foot; digest.tsx and digest-text.ts say the same sentence. */
export function layOutJoints({ joints }: Kernel, arena: Arena): void {
  const { html, text } = words.digest.because;
  const names = ['before', 'between', 'last', 'after', 'none'] as const;
  const places = names.map((name) =>
    layOutFragment(arena, { html: freezeText(html[name]), text: freezeText(text[name]) }),
  );
  arena.words.set(places, joints / 4);
}

/** Frozen bytes, cut at their holes. */
interface Side {
  /** As a set of bits. */
  holes: number;
  /** What lies between them, and of each how long it is and which hole is behind it. */
  parts: Uint8Array[];
  stretches: number[];
  length: number;
}

/** As src/kernel/mail.ts reads it. */
function lay(arena: Arena, [html, text]: readonly [Side, Side]): number {
  const wordCount = headerWords + html.stretches.length + text.stretches.length;
  const place = arena.take(4 * wordCount + html.length + text.length);
  const stretchesAt = place + 4 * headerWords;
  const bytesAt = place + 4 * wordCount;
  const ofHtml = [stretchesAt, bytesAt, html.length];
  const ofText = [stretchesAt + 4 * html.stretches.length, bytesAt + html.length, text.length];
  arena.words.set([html.holes | text.holes, ...ofHtml, ...ofText], place / 4);
  arena.words.set([...html.stretches, ...text.stretches], stretchesAt / 4);
  let at = bytesAt;
  for (const part of [...html.parts, ...text.parts]) {
    arena.bytes.set(part, at);
    at += part.length;
  }
  return place;
}

/** Throws on a broken hole. */
function cut(bytes: Uint8Array): Side {
  if (bytes.length > stretchBytesMax)
    throw new Error(`${bytes.length} frozen bytes are more than a mail may have.`);
  const side: Side = { holes: 0, parts: [], stretches: [], length: 0 };
  const add = (from: number, until: number, holeBehind: number) => {
    side.parts.push(bytes.subarray(from, until));
    side.stretches.push((until - from) * 256 + holeBehind + 1);
    side.length += until - from;
  };
  let from = 0;
  for (let at = bytes.indexOf(holeMark); at >= 0; at = bytes.indexOf(holeMark, from)) {
    const n = (bytes[at + 1] ?? 0) - holeBase;
    if (n < 0 || n >= 2 * textSide)
      throw new Error(`These frozen bytes have a broken hole at byte ${at}: render them again.`);
    side.holes |= 1 << (n % textSide);
    add(from, at, n);
    from = at + 2;
  }
  add(from, bytes.length, noHole);
  return side;
}

const noHole = -1;

function bitsOf(holes: readonly number[]): number {
  return holes.reduce((bits, hole) => bits | (1 << hole), 0);
}

const nothing = new Uint8Array();
