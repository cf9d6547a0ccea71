import type { Context } from '../context.ts';
import { eachFragment } from '../domain/digest.ts';
import type { DigestTokens } from '../domain/tokens.ts';
import { type Assembler, openAssembler } from '../render/assemble.ts';
import { fillOf, type MailedDigest } from '../press/mailed-digest.ts';

/** One for all of the process, cleared before each use: a kernel of its own for each mail would be far larger than that. */
let assembler: Assembler | undefined;

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
  const shellBytes = await ctx.fragments.readShell(shellId);
  const ids = new Set<number>();
  for (const { composition } of digests) eachFragment(composition, (id) => ids.add(id));
  const fragments = await ctx.fragments.readFragments([...ids]);
  // From here on nothing waits, so nobody else uses it in between.
  const { clear, layOut, layOutShell, assembleDigest } = (assembler ??= openAssembler());
  clear();
  layOutShell(shellId, shellBytes);
  for (const [id, bytes] of fragments) layOut(id, bytes);
  return digests.map((digest) =>
    assembleDigest(shellId, {
      composition: digest.composition,
      fill: fillOf(digest, ctx.config.keys, tokens),
    }),
  );
}
