import { hash } from 'node:crypto';
import { unpack } from '../domain/digest.ts';
import { fillOf } from './mailed-digest.ts';
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

/** The request body of a batch, and its SHA-256. */
export function print(stock: Stock, order: Order): Printed {
  const body = putTogether(stock, order);
  return { body, sha256: hash('sha256', body, 'buffer'), memory: body.buffer as ArrayBuffer };
}

/**
 * The body. Its first mail, and the first of text alone, are looked at as a mail server would: all share one shell, so a
 * header lost from the shell is found here, before anything is handed over. Throws with every fault, and `NotReady` where
 * something that it needs does not lie ready.
 */
export function putTogether(stock: Stock, { shellId, keys, digests, memory }: Order): Buffer {
  const { shell, parts } = find(stock, shellId, digests);
  const mails = digests.map((digest, n) => ({ parts: parts[n]!, fill: fillOf(digest, keys) }));
  const { body, mails: made } = assembleBatch(shell, mails, openWriting(memory));
  const faults = [false, true].flatMap((isTextOnly) => {
    const mail = made[parts.findIndex((digest) => digest.isTextOnly === isTextOnly)];
    return mail ? checkMail(mail, isTextOnly) : [];
  });
  if (faults.length > 0) throw new Permanent(`These mails must not go out. ${faults.join(' ')}`);
  return body;
}

/** Something that these digests need does not lie ready. */
export class NotReady extends Error {
  readonly lacking: Lacking;

  constructor(lacking: Lacking) {
    super(`Shells (${lacking.shells.join()}) or fragments (${lacking.fragments.join()}) do not lie ready.`);
    this.lacking = lacking;
  }
}

/** The shell and each digest's fragments, looked up once for its HTML and its text. */
function find({ shells, fragments }: Stock, shellId: number, digests: Order['digests']) {
  const lacking = new Set<number>();
  const fragmentOf = (id: number) => fragments.get(id) ?? (lacking.add(id), nothing);
  const parts = digests.map(({ composition }) => unpack(composition, fragmentOf));
  const shell = shells.get(shellId);
  if (!shell || lacking.size > 0)
    throw new NotReady({ shells: shell ? [] : [shellId], fragments: [...lacking] });
  return { shell, parts };
}

/** In the place of what lacks. */
const nothing: CompiledFragment = { html: [], text: [] };
