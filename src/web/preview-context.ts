import type { Context } from '../context.ts';
import type { FragmentStore } from '../pipeline/fragment-store.ts';
import type { CompiledFragment } from '../render/assemble.ts';
import { compile, type Template } from '../render/compile.ts';

/**
 * The same context with fragments that stay in memory: a preview is made by the code that makes digests, which stores
 * what it renders, and a page that is only looked at must not store anything.
 */
export function previewContext(ctx: Context): Context {
  return { ...ctx, fragments: passingFragments() };
}

function passingFragments(): FragmentStore {
  const names = new Map<string, number>();
  const fragments = new Map<number, CompiledFragment>();
  const shells = new Map<number, Template>();

  async function once(name: string, keep: (id: number) => Promise<void>): Promise<number> {
    const known = names.get(name);
    if (known !== undefined) return known;
    const id = names.size + 1;
    names.set(name, id);
    await keep(id);
    return id;
  }

  return {
    idOf: (name, render) =>
      once(name, async (id) => {
        const { html, text } = await render();
        fragments.set(id, { html: compile(html), text: compile(text) });
      }),
    shellIdOf: (name, render) =>
      once(`shell ${name}`, async (id) => void shells.set(id, compile(await render()))),
    load: async (ids) => new Map([...new Set(ids)].map((id) => [id, fragments.get(id)!])),
    loadShell: async (id) => shells.get(id)!,
  };
}
