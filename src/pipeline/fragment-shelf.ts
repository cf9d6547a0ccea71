import type { FragmentBytes } from '../render/freeze.ts';
import type { FragmentStore } from './fragment-store.ts';

/** A fragment that some digests use. Its id is there once the shelf has settled. */
export interface Part {
  id: number;
}

/**
 * The fragments of some digests that are composed together, by short keys: a digest asks for two dozen, and making the
 * full name of each took longer than choosing its papers.
 */
export interface Shelf {
  /** A place for the fragments of one kind. */
  section(): Section;
  /** Resolves when the ids of all parts put here so far are there. */
  settled(): Promise<void>;
}

export interface Section {
  find(key: number | string): Part | undefined;
  /** The part that was not found: asked of the store under its name, which says all that it shows. */
  put(key: number | string, name: string, render: () => FragmentBytes | Promise<FragmentBytes>): Part;
}

export function openShelf(store: FragmentStore): Shelf {
  const waiting: Promise<void>[] = [];
  return {
    section() {
      const parts = new Map<number | string, Part>();
      return {
        find: (key) => parts.get(key),
        put(key, name, render) {
          const part: Part = { id: unknownId };
          parts.set(key, part);
          const id = store.idOf(name, render);
          if (typeof id === 'number') part.id = id;
          else {
            const coming = id.then((stored) => void (part.id = stored));
            // It may fail while others are still asked for; `settled` tells.
            coming.catch(() => {});
            waiting.push(coming);
          }
          return part;
        },
      };
    },
    async settled() {
      await Promise.all(waiting.splice(0));
    },
  };
}

const unknownId = -1;
