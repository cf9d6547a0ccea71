/**
 * The values of a mail that are made of numbers: the tag that webhooks bring back (`digestTag` in src/domain/digest.ts), and
 * the reader's four tokens (`signDigestTokens` in src/domain/tokens.ts).
 */
import * as Hole from './holes';
import { macBytes, messageRoom, messages, padsBytes, setLength, sign } from './hmac';
import { copy64, put } from './memory';

/** A token a lane. */
const digest = messages;
const taste = messages + messageRoom;
const preferences = messages + 2 * messageRoom;
const unsubscribe = messages + 3 * messageRoom;
const tag = memory.data(128, 16);
/** An id of sixteen characters still makes the longest head fit a block. */
export const keyIdBytesMax = 16;

const dash: u8 = 0x2d;
const digits = memory.data<u8>([
  48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 97, 98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110,
  111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122,
]);

/**
 * Fills the holes of tag and tokens. A date is the number that its eight digits make; a key lies as its pads, how many bytes its
 * id has, and its id. The longest head is made first, and the others begin as it does.
 */
export function fillValues(key: usize, subscriberId: u32, addressVersion: u32, date: u32): void {
  const subscriber = writeNumber(writeLetter(writeLetter(digest, 0x64), dash), subscriberId, 36);
  const version = writeNumber(writeLetter(subscriber, dash), addressVersion, 36);
  const dated = writeNumber(writeLetter(version, dash), date, 10);
  finish(0, Hole.digestToken, dated, key);
  begin(taste, 0x74);
  finish(1, Hole.tasteToken, taste + (dated - digest), key);
  begin(preferences, 0x70);
  finish(2, Hole.preferencesToken, writeNone(preferences + (version - digest)), key);
  begin(unsubscribe, 0x75);
  finish(3, Hole.unsubscribeToken, writeNone(writeNone(unsubscribe + (subscriber - digest))), key);
  sign(key);
  const tagged = writeLetter(writeNumber(writeLetter(writeLetter(tag, 0x64), dash), subscriberId, 10), dash);
  put(Hole.digestTag, tag, (writeNumber(tagged, date, 10) - tag) as i32);
}

/** As the head of the digest's token, with another letter. */
function begin(token: usize, letter: u8): void {
  copy64(digest, token);
  store<u8>(token, letter);
}

/** The id of the key ends a head; the token is as much longer as its MAC. */
function finish(lane: i32, hole: i32, end: usize, key: usize): void {
  const token = messages + (lane as usize) * messageRoom;
  const idBytes = load<i32>(key + padsBytes);
  store<u8>(end, dash);
  v128.store(end + 1, v128.load(key + padsBytes + 4));
  const length = ((end - token) as i32) + 1 + idBytes;
  setLength(lane, length);
  put(hole, token, length + macBytes);
}

function writeLetter(at: usize, letter: u8): usize {
  store<u8>(at, letter);
  return at + 1;
}

/** `-0`, for what a token does not depend on. */
function writeNone(at: usize): usize {
  store<u16>(at, 0x302d);
  return at + 2;
}

function writeNumber(at: usize, number: u32, base: u32): usize {
  let end = at + 1;
  for (let rest = number / base; rest > 0; rest /= base) end++;
  let place = end;
  for (let rest = number; place > at; rest /= base) store<u8>(--place, load<u8>(digits + (rest % base)));
  return end;
}
