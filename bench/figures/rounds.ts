/** Rounds of two sides in turns, in microseconds a piece of work. One round of each comes before, to warm up. */
export async function timeInTurns(
  rounds: number,
  pieces: number,
  sides: { one: () => unknown; other: () => unknown },
): Promise<{ one: number[]; other: number[] }> {
  await sides.one();
  await sides.other();
  const times = { one: [] as number[], other: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.one.push(await microsOf(sides.one, pieces));
    times.other.push(await microsOf(sides.other, pieces));
  }
  return times;
}

async function microsOf(work: () => unknown, pieces: number): Promise<number> {
  const startedMs = performance.now();
  await work();
  return ((performance.now() - startedMs) * 1000) / pieces;
}
