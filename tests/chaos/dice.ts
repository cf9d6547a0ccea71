/** Chance with a seed (mulberry32), so that a bad run can be tried again. */
export interface Dice {
  /** From 0 to below 1. */
  roll(): number;
  chance(probability: number): boolean;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Gives each of these once in a random order, then all of them again, so that even a short run has many of them. */
export function openDeck<T>(dice: Dice, cards: readonly T[]): () => T {
  let stack: T[] = [];
  return () => {
    if (stack.length === 0) stack = [...cards];
    return stack.splice(dice.between(0, stack.length - 1), 1)[0]!;
  };
}

export function openDice(seed: number): Dice {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  const roll = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    roll,
    chance: (probability) => roll() < probability,
    between: (least, most) => least + Math.floor(roll() * (most - least + 1)),
    pick: (from) => from[Math.floor(roll() * from.length)]!,
  };
}
