import { eachFragment } from '../domain/digest.ts';
import type { Arena } from './arena.ts';
import type { FragmentBytes } from './freeze.ts';
import type { Kernel } from './kernel.ts';
import { layOutFragment, layOutJoints, layOutShell } from './pieces.ts';

/** Frozen bytes by number, laid out where the kernel copies them from. */
export interface Stock {
  /**
   * What lies there already stays as it is: frozen bytes never change, and batches that lack the same are each brought it. Both
   * throw a sentence when the bytes have a hole that they must not have.
   */
  layOut(id: number, fragment: FragmentBytes): void;
  layOutShell(id: number, bytes: Uint8Array): void;
  /** How many fragments lie there. */
  size(): number;
  /** Forgets all of them. */
  clear(): void;
}

/** The numbers of shells and fragments that mails need and that do not lie ready. */
export interface Lacking {
  shells: readonly number[];
  fragments: readonly number[];
}

export class NotReady extends Error {
  readonly lacking: Lacking;

  constructor(lacking: Lacking) {
    super(`Shells (${lacking.shells.join()}) or fragments (${lacking.fragments.join()}) do not lie ready.`);
    this.lacking = lacking;
  }
}

/** A stock, and what the assembler asks it. */
export interface OpenStock extends Stock {
  /** The place of a shell. */
  shellAt(id: number): number | undefined;
  /** All that mails with these compositions lack, as `NotReady`. */
  lacking(shellId: number, compositions: readonly Uint8Array[]): Error;
}

export function openStock(kernel: Kernel, arena: Arena): OpenStock {
  const shells = new Map<number, number>();
  let size = 0;
  layOutJoints(kernel, arena);
  arena.keep();
  return {
    layOut(id, fragment) {
      if (kernel.placeOf(id) !== 0) return;
      if (size >= kernel.fragmentsMax)
        throw new Error(`These mails have more than ${size} fragments, far beyond any edition.`);
      kernel.setPlace(id, layOutFragment(arena, fragment));
      size++;
    },
    layOutShell(id, bytes) {
      if (!shells.has(id)) shells.set(id, layOutShell(arena, bytes));
    },
    size: () => size,
    clear() {
      size = 0;
      shells.clear();
      kernel.clearFragments();
      arena.clear();
    },
    shellAt: (id) => shells.get(id),
    lacking(shellId, compositions) {
      const fragments = new Set<number>();
      for (const composition of compositions)
        eachFragment(composition, (id) => kernel.placeOf(id) === 0 && fragments.add(id));
      // Otherwise whoever supplies what lacks would be asked for ever.
      if (shells.has(shellId) && fragments.size === 0)
        return new Error('A composition names fragments that only the kernel misses: it is damaged.');
      return new NotReady({ shells: shells.has(shellId) ? [] : [shellId], fragments: [...fragments] });
    },
  };
}
