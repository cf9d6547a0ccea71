import { words } from '../words/words.ts';
import type { Arena } from './arena.ts';
import { type FragmentBytes, freezeText } from './freeze.ts';
import { Hole, holeBase, holeMark, textSide } from './holes.ts';
import type { Kernel } from './kernel.ts';

const headerBytes = 12;
const cardHoles = bitsOf([Hole.why, Hole.tasteToken]);
const shellHoles = bitsOf(Object.values(Hole)) & ~bitsOf([Hole.why]);

/** Lays a fragment out, and gives its place. Throws a sentence when it has a hole that no fragment has. */
export function layOutFragment(arena: Arena, { html, text }: FragmentBytes): number {
  const holes = holesIn(html) | holesIn(text);
  if (holes & ~cardHoles)
    throw new Error('A fragment has a hole that no fragment has: render its edition again.');
  return lay(arena, holes, html, text);
}

/** Lays a shell out. Throws a sentence when it has a hole that nothing fills. */
export function layOutShell(arena: Arena, bytes: Uint8Array): number {
  const holes = holesIn(bytes);
  if (holes & ~shellHoles)
    throw new Error('The shell has a hole that nothing fills: it was made by another version.');
  return lay(arena, holes, bytes, nothing);
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

/** As src/kernel/mail.ts reads it: which holes there are, both lengths, and the bytes. */
function lay(arena: Arena, holes: number, html: Uint8Array, text: Uint8Array): number {
  const place = arena.take(headerBytes + html.length + text.length);
  arena.words.set([holes, html.length, text.length], place / 4);
  arena.bytes.set(html, place + headerBytes);
  arena.bytes.set(text, place + headerBytes + html.length);
  return place;
}

/** The holes of frozen bytes as a set of bits. */
function holesIn(bytes: Uint8Array): number {
  let holes = 0;
  for (let at = bytes.indexOf(holeMark); at >= 0; at = bytes.indexOf(holeMark, at + 2)) {
    const n = (bytes[at + 1] ?? 0) - holeBase;
    if (n < 0 || n >= 2 * textSide)
      throw new Error(`These frozen bytes have a broken hole at byte ${at}: render them again.`);
    holes |= 1 << (n % textSide);
  }
  return holes;
}

function bitsOf(holes: readonly number[]): number {
  return holes.reduce((bits, hole) => bits | (1 << hole), 0);
}

const nothing = new Uint8Array();
