import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import { renderShell, type ShellProps } from '../render/shell.ts';

/** The id of the shell that this configuration gives: rendered once a process, stored once by content. */
export async function currentShellId(ctx: Context): Promise<number> {
  const props = shellProps(ctx);
  const name = createHash('sha256').update(JSON.stringify(props)).digest('hex');
  return ctx.fragments.shellIdOf(name, () => renderShell(props));
}

/** What the surround of every digest says: sender, links, foot, and the list's stable identifier (RFC 2919). */
function shellProps(ctx: Context): ShellProps {
  const { mail, publicUrl } = ctx.config;
  return {
    from: mail.from,
    replyTo: mail.replyTo,
    baseUrl: publicUrl,
    postalAddress: mail.postalAddress,
    listId: `daily.${new URL(publicUrl).hostname}`,
  };
}
