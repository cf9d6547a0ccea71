/**
 * SHA-256 (FIPS 180-4) of four messages side by side, a lane each: the four links of a digest are signed in the time of one.
 * A block or a state is laid out word by word, each word with its four lanes.
 */

/** The block to be hashed next in its first sixteen words, and room for the words that are made of them. */
export const block = memory.data(64 * 16, 16);

/** Eight words: what a hash starts with. */
export const start = memory.data(8 * 16, 16);

const startWords = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

const roundWords = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

for (let n: usize = 0; n < 8; n++) v128.store(start + n * 16, v128.load_splat<u32>(startWords + n * 4));

/** Hashes `block` on top of the state at `from`, and leaves the new state at `to`. */
export function compress(from: usize, to: usize): void {
  extend();
  let a = v128.load(from, 0x00);
  let b = v128.load(from, 0x10);
  let c = v128.load(from, 0x20);
  let d = v128.load(from, 0x30);
  let e = v128.load(from, 0x40);
  let f = v128.load(from, 0x50);
  let g = v128.load(from, 0x60);
  let h = v128.load(from, 0x70);
  for (let n: usize = 0; n < 64; n++) {
    const turnedE = xor(rotate(e, 6), rotate(e, 11), rotate(e, 25));
    const chosen = v128.bitselect(f, g, e);
    const word = add(v128.load(block + n * 16), v128.load_splat<u32>(roundWords + n * 4));
    const one = add(add(h, turnedE), add(chosen, word));
    const turnedA = xor(rotate(a, 2), rotate(a, 13), rotate(a, 22));
    const majority = v128.bitselect(c, a, v128.xor(a, b));
    h = g;
    g = f;
    f = e;
    e = add(d, one);
    d = c;
    c = b;
    b = a;
    a = add(one, add(turnedA, majority));
  }
  v128.store(to, add(a, v128.load(from, 0x00)), 0x00);
  v128.store(to, add(b, v128.load(from, 0x10)), 0x10);
  v128.store(to, add(c, v128.load(from, 0x20)), 0x20);
  v128.store(to, add(d, v128.load(from, 0x30)), 0x30);
  v128.store(to, add(e, v128.load(from, 0x40)), 0x40);
  v128.store(to, add(f, v128.load(from, 0x50)), 0x50);
  v128.store(to, add(g, v128.load(from, 0x60)), 0x60);
  v128.store(to, add(h, v128.load(from, 0x70)), 0x70);
}

/** The other forty-eight words of the message schedule. */
function extend(): void {
  for (let n: usize = 16; n < 64; n++) {
    const word = block + n * 16;
    const before2 = v128.load(word - 2 * 16);
    const before15 = v128.load(word - 15 * 16);
    const small1 = xor(rotate(before2, 17), rotate(before2, 19), i32x4.shr_u(before2, 10));
    const small0 = xor(rotate(before15, 7), rotate(before15, 18), i32x4.shr_u(before15, 3));
    const before7 = v128.load(word - 7 * 16);
    const before16 = v128.load(word - 16 * 16);
    v128.store(word, add(add(small1, before7), add(small0, before16)));
  }
}

function add(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

function xor(a: v128, b: v128, c: v128): v128 {
  return v128.xor(v128.xor(a, b), c);
}

/** Each lane turned to the right by so many bits. */
function rotate(word: v128, bits: i32): v128 {
  return v128.or(i32x4.shr_u(word, bits), i32x4.shl(word, 32 - bits));
}
