import type { CompiledFragment } from '../render/assemble.ts';
import { compile, type Template } from '../render/compile.ts';
import type { FragmentStore } from './fragment-store.ts';

/** Fragments and shells in memory only: what is made with them leaves no row behind. Throws for one it did not make. */
export function openScratchFragments(): FragmentStore {
  const names = new Map<string, Promise<number>>();
  const fragments: CompiledFragment[] = [];
  const shells: Template[] = [];

  function remember(name: string, make: () => Promise<number>): Promise<number> {
    const made = names.get(name) ?? make();
    names.set(name, made);
    return made;
  }

  return {
    idOf: (name, render) =>
      remember(name, async () => {
        const { html, text } = await render();
        return fragments.push({ html: compile(html), text: compile(text) });
      }),
    shellIdOf: (name, render) => remember(`shell ${name}`, async () => shells.push(compile(await render()))),
    async load(ids) {
      return new Map([...ids].map((id) => [id, here(fragments[id - 1], id)]));
    },
    async loadShell(id) {
      return here(shells[id - 1], id);
    },
  };
}

function here<T>(made: T | undefined, id: number): T {
  if (made === undefined) throw new Error(`Nothing with the number ${id} was made here.`);
  return made;
}
