/**
 * Puts one mail together: copies frozen bytes and fills their holes.
 *
 * Frozen bytes lie as a word with their holes as a set of bits, and for each of their sides, HTML and text, three words: where
 * its stretches are told, where its bytes lie without the holes, and how many they are. A stretch is a word: how long it is, and
 * in the lowest eight bits the hole behind it and one more, or 0 at the end. A shell has only the first side.
 */
import { isTextOnly, readComposition } from './composition';
import * as Hole from './holes';
import { copy64, countOf, filling } from './memory';

const textSide: i32 = 32;
const sideBytes: usize = 12;
const cardHoles: u32 = (1 << Hole.why) | (1 << Hole.tasteToken);

/** Where a mail is left, and how long it may be. */
export const mail = memory.data(1 << 20, 16);
export const mailBytesMax: i32 = (1 << 20) - 64;

/** A piece has a hole where none may be; the mail would be longer than any may be. */
export const badHole = -3;
export const tooLong = -4;

let to: usize = 0;
let fault: i32 = 0;

/** The length of the mail of the digest in `composition`, in the shell that lies there; or a fault. */
export function assemble(shell: usize, compositionBytes: i32): i32 {
  fault = readComposition(compositionBytes);
  if (fault !== 0) return fault;
  to = mail;
  const side = sideOf(shell, false);
  let stretch = stretchesOf(side);
  let at = bytesOf(side);
  let isLeftOut = false;
  let hole = 0;
  while (hole >= 0 && fault === 0) {
    const word = load<u32>(stretch);
    if (!isLeftOut) copy(at, bytesIn(word));
    hole = holeBehind(word);
    if (hole === Hole.htmlBegins) isLeftOut = isTextOnly;
    else if (hole === Hole.htmlEnds) isLeftOut = false;
    else if (hole >= 0 && !isLeftOut) fillHole(hole);
    at += bytesIn(word);
    stretch += 4;
  }
  return fault === 0 ? ((to - mail) as i32) : fault;
}

function fillHole(hole: i32): void {
  const isText = hole >= textSide;
  const n = hole & (textSide - 1);
  if (n === Hole.cards) copyCards(isText);
  else if (n === Hole.subject || n === Hole.dayline || n === Hole.slot || n === Hole.topics)
    copyList(n, isText);
  else copy(filling(n), countOf(n));
}

function copyCards(isText: bool): void {
  let piece = filling(Hole.cards);
  for (let left = countOf(Hole.cards); left > 0; left--) {
    copyCard(load<u32>(piece), load<u32>(piece, 4), load<u32>(piece, 8), isText);
    piece += 12;
  }
}

function copyCard(card: usize, why: usize, whyRest: usize, isText: bool): void {
  if ((load<u32>(card) & ~cardHoles) !== 0) fault = badHole;
  const side = sideOf(card, isText);
  let stretch = stretchesOf(side);
  let at = bytesOf(side);
  let hole = 0;
  while (hole >= 0 && fault === 0) {
    const word = load<u32>(stretch);
    copy(at, bytesIn(word));
    hole = holeBehind(word);
    if (hole >= 0) fillCardHole(hole & (textSide - 1), why, whyRest, isText);
    at += bytesIn(word);
    stretch += 4;
  }
}

function fillCardHole(hole: i32, why: usize, whyRest: usize, isText: bool): void {
  if (hole === Hole.tasteToken) return copy(filling(hole), countOf(hole));
  copyPiece(why, isText);
  if (whyRest !== 0) copyPiece(whyRest, isText);
}

function copyList(hole: i32, isText: bool): void {
  let piece = filling(hole);
  for (let left = countOf(hole); left > 0; left--) {
    copyPiece(load<u32>(piece), isText);
    piece += 4;
  }
}

/** A piece that has no holes. */
function copyPiece(piece: usize, isText: bool): void {
  if (load<u32>(piece) !== 0) fault = badHole;
  const side = sideOf(piece, isText);
  copy(bytesOf(side), load<i32>(side, 8));
}

function sideOf(piece: usize, isText: bool): usize {
  return piece + 4 + (isText ? sideBytes : 0);
}

function stretchesOf(side: usize): usize {
  return load<u32>(side);
}

function bytesOf(side: usize): usize {
  return load<u32>(side, 4);
}

function bytesIn(stretch: u32): i32 {
  return (stretch >>> 8) as i32;
}

/** -1 behind the last. */
function holeBehind(stretch: u32): i32 {
  return ((stretch & 0xff) as i32) - 1;
}

function copy(from: usize, bytes: i32): void {
  if (to + bytes > mail + mailBytesMax) {
    fault = tooLong;
    return;
  }
  for (let n = 0; n < bytes; n += 64) copy64(from + n, to + n);
  to += bytes;
}
