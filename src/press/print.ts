import { hash } from 'node:crypto';
import { eachFragment } from '../domain/digest.ts';
import { mailOf } from './mailed-digest.ts';
import { Permanent } from '../queue/errors.ts';
import { assembleBatch, type CompiledFragment } from '../render/assemble.ts';
import type { Template } from '../render/compile.ts';
import { checkMail } from '../render/mail.ts';
import { openWriting } from '../render/writing.ts';
import type { Lacking, Order, Printed } from './order.ts';

/** What lies ready: shells and fragments by number, cut at their holes. */
export interface Stock {
  shells: Map<number, Template>;
  fragments: Map<number, CompiledFragment>;
}

/** What these digests need and what does not lie ready; undefined where all of it does. */
export function lackingIn(
  { shells, fragments }: Stock,
  { shellId, digests }: Pick<Order, 'shellId' | 'digests'>,
): Lacking | undefined {
  const lacking = new Set<number>();
  const note = (id: number) => void (fragments.has(id) || lacking.add(id));
  for (const { composition } of digests) eachFragment(composition, note);
  const hasShell = shells.has(shellId);
  if (hasShell && lacking.size === 0) return undefined;
  return { shells: hasShell ? [] : [shellId], fragments: [...lacking] };
}

/** The request body of a batch, and its SHA-256. */
export function print(stock: Stock, order: Order): Printed {
  const body = putTogether(stock, order);
  return { body, sha256: hash('sha256', body, 'buffer'), memory: body.buffer as ArrayBuffer };
}

/**
 * The body. Its first mail, and the first of text alone, are looked at as a mail server would: all share one shell, so a
 * header lost from the shell is found here, before anything is handed over. Throws with every fault, and where something
 * that it needs does not lie ready.
 */
export function putTogether({ shells, fragments }: Stock, order: Order): Buffer {
  const { shellId, keys, digests, memory } = order;
  const shell = shells.get(shellId);
  if (!shell) throw new Error(`Shell ${shellId} does not lie ready for these mails.`);
  const mails = digests.map((digest) => mailOf(digest, keys));
  const { body, mails: made } = assembleBatch(shell, mails, fragments, openWriting(memory));
  const faults = [false, true].flatMap((isTextOnly) => {
    const mail = made[mails.findIndex(({ parts }) => parts.isTextOnly === isTextOnly)];
    return mail ? checkMail(mail, isTextOnly) : [];
  });
  if (faults.length > 0) throw new Permanent(`These mails must not go out. ${faults.join(' ')}`);
  return body;
}
