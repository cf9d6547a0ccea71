import type { Context } from '../context.ts';
import { eachFragment, unpack } from '../domain/digest.ts';
import type { DigestTokens } from '../domain/tokens.ts';
import { assembleDigest, type CompiledFragment, compileFragment } from '../render/assemble.ts';
import { compile } from '../render/compile.ts';
import { fillOf, type MailedDigest } from '../press/mailed-digest.ts';

/**
 * The exact bytes of these digests' mails in their shell, as the press prints them. With `tokens`, the reader's own links
 * are replaced.
 */
export async function assembleMails(
  ctx: Context,
  shellId: number,
  digests: readonly MailedDigest[],
  tokens?: DigestTokens,
): Promise<Buffer[]> {
  const shell = compile(await ctx.fragments.readShell(shellId));
  const ids = new Set<number>();
  for (const { composition } of digests) eachFragment(composition, (id) => ids.add(id));
  const fragments = new Map<number, CompiledFragment>();
  for (const [id, bytes] of await ctx.fragments.readFragments([...ids]))
    fragments.set(id, compileFragment(bytes));
  return digests.map((digest) => {
    const parts = unpack(digest.composition, (id) => fragments.get(id)!);
    return assembleDigest(shell, { parts, fill: fillOf(digest, ctx.config.keys, tokens) });
  });
}
