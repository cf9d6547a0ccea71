/**
 * HMAC-SHA256 (RFC 2104) of four messages at once, cut to 128 bits and written behind them in base64url. A message has at most
 * 55 bytes, so that it is one block together with what SHA-256 puts behind it: a 1 bit and, in eight bytes, how long all is.
 */
import { block, compress, start } from './sha256';

/** The messages, one a lane, with room behind each for its MAC; and how long each is. */
export const messages = memory.data(4 * 128, 16);
export const messageRoom: usize = 128;
const lengths = memory.data(4 * 4, 4);

const lanes = 4;
const blockBytes = 64;
const hashBytes = 32;
/** Eight words with their four lanes. */
const stateBytes: usize = 8 * 16;
/** What `layOutKey` makes of a key. */
export const padsBytes: usize = 2 * stateBytes;
/** `-` and 22 characters. */
export const macBytes = 23;

const inner = memory.data(8 * 16, 16);
const alphabet = memory.data<u8>([
  65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 97,
  98, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119,
  120, 121, 122, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 45, 95,
]);

/** A key of at most 64 bytes, with zeros behind it, becomes the states after its two pads. */
export function layOutKey(key: usize, to: usize): void {
  pad(key, 0x36363636, to);
  pad(key, 0x5c5c5c5c, to + stateBytes);
}

function pad(key: usize, mask: u32, to: usize): void {
  for (let n: usize = 0; n < 16; n++)
    v128.store(block + n * 16, i32x4.splat(bswap(load<u32>(key + n * 4) ^ mask)));
  compress(start, to);
}

export function setLength(lane: i32, bytes: i32): void {
  store<i32>(lengths + lane * 4, bytes);
}

/** Writes `-` and its MAC behind each message. */
export function sign(pads: usize): void {
  for (let lane = 0; lane < lanes; lane++) layMessage(lane);
  compress(pads, inner);
  for (let n: usize = 0; n < 8; n++) v128.store(block + n * 16, v128.load(inner + n * 16));
  v128.store(block + 8 * 16, i32x4.splat(0x80000000));
  for (let n: usize = 9; n < 15; n++) v128.store(block + n * 16, i32x4.splat(0));
  v128.store(block + 15 * 16, i32x4.splat((blockBytes + hashBytes) * 8));
  compress(pads + stateBytes, inner);
  for (let lane = 0; lane < lanes; lane++) writeMac(lane);
}

/** A message as the last block of the inner hash, in its lane. */
function layMessage(lane: i32): void {
  const message = messages + (lane as usize) * messageRoom;
  const length = load<i32>(lengths + lane * 4);
  const behind = message + length;
  store<u8>(behind, 0x80);
  for (let n: usize = 0; n < 64; n += 16) v128.store(behind + 1 + n, i32x4.splat(0));
  const word = block + lane * 4;
  for (let n: usize = 0; n < 15; n++) store<u32>(word + n * 16, bswap(load<u32>(message + n * 4)));
  store<u32>(word + 15 * 16, (blockBytes + length) * 8);
}

function writeMac(lane: i32): void {
  const word = inner + lane * 4;
  const high = ((load<u32>(word) as u64) << 32) | load<u32>(word, 16);
  const low = ((load<u32>(word, 32) as u64) << 32) | load<u32>(word, 48);
  let at = messages + (lane as usize) * messageRoom + load<i32>(lengths + lane * 4);
  store<u8>(at++, 0x2d);
  for (let bits = 58; bits >= 4; bits -= 6) store<u8>(at++, letter(high >> bits));
  store<u8>(at++, letter((high << 2) | (low >> 62)));
  for (let bits = 56; bits >= 2; bits -= 6) store<u8>(at++, letter(low >> bits));
  store<u8>(at, letter(low << 4));
}

function letter(bits: u64): u8 {
  return load<u8>(alphabet + ((bits & 0x3f) as usize));
}
