import { compile, type Template } from './compile.ts';
import type { FragmentBytes } from './freeze.ts';
import { words } from '../words/words.ts';
import { Hole, textSide } from './holes.ts';
import { type DigestFill, openValues, type Values } from './values.ts';
import { openWriting, write, type Writing, written } from './writing.ts';

/**
 * Puts the bytes of one mail together from frozen fragments. No React, no JSON encoder, no escaping: everything
 * that goes in is ready escaped, or is checked here to need no escaping. The same parts give the same bytes for ever;
 * whoever changes that raises `assemblerVersion` in shell.ts and keeps the old way for old batches.
 */
export interface CompiledFragment {
  html: Template;
  text: Template;
}

export function compileFragment({ html, text }: FragmentBytes): CompiledFragment {
  return { html: compile(html), text: compile(text) };
}

/** A digest as small integers: the ids of its fragments, in order. */
export interface DigestParts {
  subject: number;
  dayline: number;
  slot: number;
  topics: readonly number[];
  cards: readonly { card: number; why: number }[];
  /** Leaves the HTML part out. */
  isTextOnly?: boolean;
}

/** The JSON object of one mail, ready to be sent. Throws a sentence when a fragment is missing or a value unsafe. */
export function assembleDigest(
  shell: Template,
  parts: DigestParts,
  fragments: ReadonlyMap<number, CompiledFragment>,
  fill: DigestFill,
): Buffer {
  const mail = openWriting(new ArrayBuffer(mailBytesUsual));
  writeDigest(mail, shell, { parts, fill }, fragments, openValues());
  return written(mail);
}

/** One request's body from its digests: a JSON array, and where in it each mail lies. Each piece is copied once. */
export function assembleBatch(
  shell: Template,
  digests: readonly AssembledDigest[],
  fragments: ReadonlyMap<number, CompiledFragment>,
  to: Writing = openWriting(),
): { body: Buffer; mails: Buffer[] } {
  to.length = 0;
  write(to, arrayOpen);
  const values = openValues();
  const places = digests.map((digest, place) => {
    if (place > 0) write(to, arrayComma);
    const from = to.length;
    writeDigest(to, shell, digest, fragments, values);
    return [from, to.length] as const;
  });
  write(to, arrayClose);
  const body = written(to);
  return { body, mails: places.map(([from, until]) => body.subarray(from, until)) };
}

const mailBytesUsual = 64 * 1024;

export interface AssembledDigest {
  parts: DigestParts;
  fill: DigestFill;
}

function writeDigest(
  to: Writing,
  shell: Template,
  { parts, fill }: AssembledDigest,
  fragments: ReadonlyMap<number, CompiledFragment>,
  values: Values,
): void {
  values.fill(fill);
  let isLeftOut = false;
  for (const piece of shell) {
    if (piece === Hole.htmlBegins) isLeftOut = parts.isTextOnly === true;
    else if (piece === Hole.htmlEnds) isLeftOut = false;
    if (isLeftOut || piece === Hole.htmlBegins || piece === Hole.htmlEnds) continue;
    if (typeof piece !== 'number') {
      write(to, piece);
      continue;
    }
    const text = piece >= textSide;
    const n = text ? piece - textSide : piece;
    if (n === Hole.cards) writeCards(to, parts.cards, fragments, text, values.at(Hole.tasteToken)!);
    else if (n === Hole.topics) writeTopics(to, parts.topics, fragments, text);
    else if (n === Hole.subject) writeFixed(to, fragments, parts.subject, text);
    else if (n === Hole.dayline) writeFixed(to, fragments, parts.dayline, text);
    else if (n === Hole.slot) writeFixed(to, fragments, parts.slot, text);
    else write(to, valueOf(values, n));
  }
}

// How the topics are strung together in the foot; digest.tsx and digest-text.ts say the same sentence.
const { because } = words.digest;
const joints = { html: frozenJoints(because.html), text: frozenJoints(because.text) };
const arrayOpen = Buffer.from('[');
const arrayComma = Buffer.from(',');
const arrayClose = Buffer.from(']');

function writeCards(
  to: Writing,
  cards: DigestParts['cards'],
  fragments: ReadonlyMap<number, CompiledFragment>,
  text: boolean,
  taste: Buffer,
): void {
  for (const { card, why } of cards) {
    for (const piece of side(fragments, card, text)) {
      if (typeof piece !== 'number') write(to, piece);
      else if (piece % textSide === Hole.why) writeFixed(to, fragments, why, text);
      else if (piece % textSide === Hole.tasteToken) write(to, taste);
      else throw new Error(`Card ${card} has hole ${piece}, which no card has: render its edition again.`);
    }
  }
}

function writeTopics(
  to: Writing,
  topics: readonly number[],
  fragments: ReadonlyMap<number, CompiledFragment>,
  text: boolean,
): void {
  const joint = text ? joints.text : joints.html;
  if (topics.length === 0) {
    write(to, joint.none);
    return;
  }
  topics.forEach((topic, index) => {
    if (index === 0) write(to, joint.before);
    else write(to, index === topics.length - 1 ? joint.last : joint.between);
    writeFixed(to, fragments, topic, text);
  });
  write(to, joint.after);
}

/** A fragment that has no holes of its own. */
function writeFixed(
  to: Writing,
  fragments: ReadonlyMap<number, CompiledFragment>,
  id: number,
  text: boolean,
): void {
  for (const piece of side(fragments, id, text)) {
    if (typeof piece === 'number') throw new Error(`Fragment ${id} has a hole where none may be: ${piece}.`);
    write(to, piece);
  }
}

function side(fragments: ReadonlyMap<number, CompiledFragment>, id: number, text: boolean): Template {
  const fragment = fragments.get(id);
  if (!fragment)
    throw new Error(`Fragment ${id} is not at hand: load the batch's fragments before its mails.`);
  return text ? fragment.text : fragment.html;
}

function valueOf(values: Values, n: number): Buffer {
  const value = values.at(n);
  if (!value)
    throw new Error(`The shell has hole ${n}, which nothing fills: it was made by another version.`);
  return value;
}

function frozenJoints(said: (typeof because)[keyof typeof because]) {
  const bytes = (text: string) => Buffer.from(JSON.stringify(text).slice(1, -1), 'latin1');
  return {
    before: bytes(said.before),
    between: bytes(said.between),
    last: bytes(said.last),
    after: bytes(said.after),
    none: bytes(said.none),
  };
}
