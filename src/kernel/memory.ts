/**
 * What the kernel's parts share of its memory. Whatever is copied is copied 64 bytes at a time, and what that is too much is
 * written over by what comes next: behind all that is read or written there are 64 bytes to spare.
 */

/** By hole, two words each: where what fills it lies, and how much that is, bytes of a value or pieces of a list. */
export const fill = memory.data(32 * 8, 8);

export function put(hole: i32, at: usize, count: i32): void {
  store<u32>(fill + hole * 8, at as u32);
  store<i32>(fill + hole * 8, count, 4);
}

export function filling(hole: i32): usize {
  return load<u32>(fill + hole * 8);
}

export function countOf(hole: i32): i32 {
  return load<i32>(fill + hole * 8, 4);
}

export function copy64(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
  v128.store(to, v128.load(from, 32), 32);
  v128.store(to, v128.load(from, 48), 48);
}
