import type { FragmentBytes } from '../render/freeze.ts';
import type { FragmentStore } from './fragment-store.ts';

/** Fragments and shells in memory only: what is made with them leaves no row behind. Throws for one it did not make. */
export function openScratchFragments(): FragmentStore {
  const names = new Map<string, Promise<number>>();
  const fragments: FragmentBytes[] = [];
  const shells: Buffer[] = [];

  function remember(name: string, make: () => Promise<number>): Promise<number> {
    const made = names.get(name) ?? make();
    names.set(name, made);
    return made;
  }

  return {
    idOf: (name, render) => remember(name, async () => fragments.push(await render())),
    shellIdOf: (name, render) => remember(`shell ${name}`, async () => shells.push(render())),
    async readFragments(ids) {
      return new Map(ids.map((id) => [id, here(fragments[id - 1], id)]));
    },
    async readShell(id) {
      return here(shells[id - 1], id);
    },
  };
}

function here<T>(made: T | undefined, id: number): T {
  if (made === undefined) throw new Error(`Nothing with the number ${id} was made here.`);
  return made;
}
