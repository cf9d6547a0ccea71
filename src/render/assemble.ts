import type { Composition } from '../domain/digest.ts';
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

/** A digest as its fragments, each where it stands. */
export type DigestParts = Omit<Composition<CompiledFragment>, 'isTextOnly'> & {
  /** Leaves the HTML part out. */
  isTextOnly?: boolean;
};

export interface AssembledDigest {
  parts: DigestParts;
  fill: DigestFill;
}

/** The JSON object of one mail, ready to be sent. Throws a sentence when a fragment has a hole too many or a value is unsafe. */
export function assembleDigest(shell: Template, digest: AssembledDigest): Buffer {
  const mail = openWriting(new ArrayBuffer(mailBytesUsual));
  writeDigest(mail, shell, digest, openValues());
  return written(mail);
}

/** One request's body from its digests: a JSON array, and where in it each mail lies. Each piece is copied once. */
export function assembleBatch(
  shell: Template,
  digests: readonly AssembledDigest[],
  to: Writing = openWriting(),
): { body: Buffer; mails: Buffer[] } {
  to.length = 0;
  write(to, arrayOpen);
  const values = openValues();
  const places = digests.map((digest, place) => {
    if (place > 0) write(to, arrayComma);
    const from = to.length;
    writeDigest(to, shell, digest, values);
    return [from, to.length] as const;
  });
  write(to, arrayClose);
  const body = written(to);
  return { body, mails: places.map(([from, until]) => body.subarray(from, until)) };
}

const mailBytesUsual = 64 * 1024;
const arrayOpen = Buffer.from('[');
const arrayComma = Buffer.from(',');
const arrayClose = Buffer.from(']');

function writeDigest(to: Writing, shell: Template, { parts, fill }: AssembledDigest, values: Values): void {
  values.fill(fill);
  let isLeftOut = false;
  for (const piece of shell) {
    if (piece === Hole.htmlEnds) isLeftOut = false;
    else if (isLeftOut) continue;
    else if (typeof piece !== 'number') write(to, piece);
    else if (piece === Hole.htmlBegins) isLeftOut = parts.isTextOnly === true;
    else writeHole(to, piece, parts, values);
  }
}

function writeHole(to: Writing, hole: number, parts: DigestParts, values: Values): void {
  const text = hole >= textSide;
  const n = text ? hole - textSide : hole;
  if (n === Hole.cards) writeCards(to, parts.cards, text, values.at(Hole.tasteToken)!);
  else if (n === Hole.topics) writeTopics(to, parts.topics, text);
  else if (n === Hole.subject) writeFixed(to, parts.subject, text);
  else if (n === Hole.dayline) writeFixed(to, parts.dayline, text);
  else if (n === Hole.slot) writeFixed(to, parts.slot, text);
  else write(to, valueOf(values, n));
}

function writeCards(to: Writing, cards: DigestParts['cards'], text: boolean, taste: Buffer): void {
  for (const { card, why, whyRest } of cards) {
    for (const piece of text ? card.text : card.html) {
      if (typeof piece !== 'number') write(to, piece);
      else if (piece % textSide === Hole.why) {
        writeFixed(to, why, text);
        if (whyRest) writeFixed(to, whyRest, text);
      } else if (piece % textSide === Hole.tasteToken) write(to, taste);
      else throw new Error(`A card has hole ${piece}, which no card has: render its edition again.`);
    }
  }
}

function writeTopics(to: Writing, topics: DigestParts['topics'], text: boolean): void {
  const joint = text ? joints.text : joints.html;
  if (topics.length === 0) return write(to, joint.none);
  topics.forEach((topic, place) => {
    if (place === 0) write(to, joint.before);
    else write(to, place === topics.length - 1 ? joint.last : joint.between);
    writeFixed(to, topic, text);
  });
  write(to, joint.after);
}

/** A fragment that has no holes of its own. */
function writeFixed(to: Writing, fragment: CompiledFragment, text: boolean): void {
  for (const piece of text ? fragment.text : fragment.html) {
    if (typeof piece === 'number')
      throw new Error(`A fragment has hole ${piece} where none may be: render its edition again.`);
    write(to, piece);
  }
}

function valueOf(values: Values, n: number): Buffer {
  const value = values.at(n);
  if (!value)
    throw new Error(`The shell has hole ${n}, which nothing fills: it was made by another version.`);
  return value;
}

// How the topics are strung together in the foot; digest.tsx and digest-text.ts say the same sentence.
const { because } = words.digest;
const joints = { html: frozenJoints(because.html), text: frozenJoints(because.text) };

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
