/** Where each fragment lies: a table with open addressing, a number and a place in each row, and 0 where no number is. */
const rows: u32 = 1 << 16;
const table = memory.data(65536 * 8, 16);

/** So many find a free row soon. */
export const fragmentsMax: i32 = 48_000;

/** The place of the fragment with this number, or 0. */
export function placeOf(number: u32): usize {
  return load<u32>(rowOf(number), 4);
}

export function setPlace(number: u32, place: usize): void {
  const row = rowOf(number);
  store<u32>(row, number + 1);
  store<u32>(row, place as u32, 4);
}

export function clearFragments(): void {
  memory.fill(table, 0, rows * 8);
}

/** The row of a number, or the free one where it belongs. Multiplied by the golden ratio, neighbours lie far apart (Knuth). */
function rowOf(number: u32): usize {
  let n = (number * 0x9e3779b1) >>> 16;
  while (!isRowOf(n, number)) n = (n + 1) & (rows - 1);
  return table + n * 8;
}

function isRowOf(n: u32, number: u32): bool {
  const found = load<u32>(table + n * 8);
  return found === number + 1 || found === 0;
}
