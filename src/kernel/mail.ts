/**
 * Puts one mail together: copies frozen bytes and fills their holes.
 *
 * Frozen bytes lie as three words and themselves: which holes they have as a set of bits, how long the HTML is, how long the text;
 * HTML; text. A shell has no second part.
 */
import { isTextOnly, readComposition } from './composition';
import * as Hole from './holes';
import { copy64, countOf, filling } from './memory';

const holeMark: u8 = 0x01;
const holeBase: i32 = 0x40;
const textSide: i32 = 32;
const headerBytes: usize = 12;
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
  const from = shell + headerBytes;
  const end = from + load<u32>(shell, 4);
  let at = copyToHole(from, end);
  while (at < end && fault === 0) {
    const hole = holeAt(at);
    at += 2;
    if (hole === Hole.htmlBegins) {
      if (isTextOnly) at = skipHtml(at, end);
    } else if (hole !== Hole.htmlEnds) fillHole(hole);
    at = copyToHole(at, end);
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
  const from = sideOf(card, isText);
  const end = from + sideBytes(card, isText);
  let at = copyToHole(from, end);
  while (at < end && fault === 0) {
    if ((holeAt(at) & (textSide - 1)) === Hole.tasteToken)
      copy(filling(Hole.tasteToken), countOf(Hole.tasteToken));
    else {
      copyPiece(why, isText);
      if (whyRest !== 0) copyPiece(whyRest, isText);
    }
    at = copyToHole(at + 2, end);
  }
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
  copy(sideOf(piece, isText), sideBytes(piece, isText));
}

function sideOf(piece: usize, isText: bool): usize {
  return piece + headerBytes + (isText ? (load<u32>(piece, 4) as usize) : 0);
}

function sideBytes(piece: usize, isText: bool): i32 {
  return isText ? load<i32>(piece, 8) : load<i32>(piece, 4);
}

function holeAt(at: usize): i32 {
  return (load<u8>(at, 1) as i32) - holeBase;
}

function copy(from: usize, bytes: i32): void {
  if (!hasRoom(bytes)) return;
  for (let n = 0; n < bytes; n += 64) copy64(from + n, to + n);
  to += bytes;
}

/** Copies up to the next hole, and gives where that is, or `end`. */
function copyToHole(from: usize, end: usize): usize {
  if (from >= end || !hasRoom((end - from) as i32)) return end;
  const mark = i8x16.splat(holeMark);
  for (let at = from, place = to; at < end; at += 64, place += 64) {
    copy64(at, place);
    const a = i8x16.eq(v128.load(at), mark);
    const b = i8x16.eq(v128.load(at, 16), mark);
    const c = i8x16.eq(v128.load(at, 32), mark);
    const d = i8x16.eq(v128.load(at, 48), mark);
    if (!v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) continue;
    const low = (i8x16.bitmask(a) | (i8x16.bitmask(b) << 16)) as u32;
    const high = (i8x16.bitmask(c) | (i8x16.bitmask(d) << 16)) as u32;
    const hole = min(at + (ctz((low as u64) | ((high as u64) << 32)) as usize), end);
    to += hole - from;
    return hole;
  }
  to += end - from;
  return end;
}

/** Where a mail of text alone goes on. */
function skipHtml(from: usize, end: usize): usize {
  let at = from;
  while (at < end && !(load<u8>(at) === holeMark && holeAt(at) === Hole.htmlEnds)) at++;
  return at;
}

function hasRoom(bytes: i32): bool {
  if (to + bytes <= mail + mailBytesMax) return true;
  fault = tooLong;
  return false;
}
