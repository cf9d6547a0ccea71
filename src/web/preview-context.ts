import type { Context } from '../context.ts';
import { openScratchFragments } from '../pipeline/scratch-fragments.ts';

/**
 * The same context with fragments that stay in memory: a preview is made by the code that makes digests, which stores
 * what it renders, and a page that is only looked at must not store anything.
 */
export function previewContext(ctx: Context): Context {
  return { ...ctx, fragments: openScratchFragments() };
}
