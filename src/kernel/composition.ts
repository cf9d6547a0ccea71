/** Reads a digest's composition (`pack` in src/domain/digest.ts) into the lists of pieces that fill its mail's holes. */
import { placeOf } from './fragments';
import * as Hole from './holes';
import { put } from './memory';

/** Room for the packed bytes. */
export const composition = memory.data(1024, 16);
export const compositionBytesMax = 1024;
/** The pieces that stand between the topics: before the first, between two, before the last, behind it; and where there are none. */
export const joints = memory.data(5 * 4, 4);
/** A card is three pieces: the card, why it is here, and the rest of why or 0; any other is one. */
const pieces = memory.data(4 * 4 * 1024, 16);

const inPartsMark: u32 = 128;

export let isTextOnly = false;
let isLacking = false;
let isDamaged = false;
let at: usize = 0;
let end: usize = 0;
let piece: usize = 0;

/** Whether all that the composition names is there: 0, or `lacking` or `damaged`. */
export function readComposition(bytes: i32): i32 {
  at = composition;
  end = at + bytes;
  piece = pieces;
  isLacking = false;
  isDamaged = false;
  const first = readNumber();
  isTextOnly = (first & 1) !== 0;
  readFragment(Hole.slot);
  readTopics((first % inPartsMark) >>> 1);
  readSubjectAndCards(first >= inPartsMark);
  if (isDamaged) return damaged;
  return isLacking ? lacking : 0;
}

export const lacking = -1;
export const damaged = -2;

function readFragment(hole: i32): void {
  put(hole, piece, 1);
  push(find(readNumber()));
}

function readTopics(topics: u32): void {
  const from = piece;
  for (let n: u32 = 0; n < topics; n++) {
    const joint = n === 0 ? 0 : n < topics - 1 ? 1 : 2;
    push(load<u32>(joints + joint * 4));
    push(find(readNumber()));
  }
  push(load<u32>(joints + (topics > 0 ? 3 : 4) * 4));
  put(Hole.topics, from, ((piece - from) / 4) as i32);
}

function readSubjectAndCards(inParts: bool): void {
  let last = readNumber();
  put(Hole.subject, piece, 1);
  push(find(last));
  last += readDistance();
  put(Hole.dayline, piece, 1);
  push(find(last));
  const from = piece;
  while (at < end) {
    last += readDistance();
    push(find(last));
    const why = readNumber();
    push(find(inParts ? why >>> 1 : why));
    push(inParts && (why & 1) !== 0 ? find(readNumber()) : 0);
  }
  put(Hole.cards, from, ((piece - from) / 12) as i32);
}

function push(place: usize): void {
  store<u32>(piece, place as u32);
  piece += 4;
}

function find(number: u32): usize {
  const place = placeOf(number);
  if (place === 0) isLacking = true;
  return place;
}

function readDistance(): u32 {
  const number = readNumber();
  return (number >>> 1) ^ (0 - (number & 1));
}

/** LEB128, as src/domain/varints.ts reads it: of 32 bits, and no longer than it need be. */
function readNumber(): u32 {
  let number: u32 = 0;
  for (let bits: u32 = 0; at < end; bits += 7) {
    const byte: u32 = load<u8>(at++);
    if ((bits === 28 && byte > 0x0f) || (bits > 0 && byte === 0)) break;
    number |= (byte & 0x7f) << bits;
    if (byte < 0x80) return number;
  }
  isDamaged = true;
  at = end;
  return 0;
}
