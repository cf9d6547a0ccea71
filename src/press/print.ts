import { isTextOnly } from '../domain/digest.ts';
import type { KeyRing } from '../domain/tokens.ts';
import { Permanent } from '../queue/errors.ts';
import type { Assembler } from '../render/assemble.ts';
import { checkMail } from '../render/mail.ts';
import { openWriting } from '../render/writing.ts';
import { bodyHash } from './body-hash.ts';
import { digestTokens, fillOf, type MailedDigest } from './mailed-digest.ts';
import type { FrozenBytes, Order, Printed } from './order.ts';

/** The request body of a batch, and its hash. Throws as `putTogether` does. */
export function print(assembler: Assembler, order: Order): Printed {
  const body = putTogether(assembler, order);
  return { body, hash: bodyHash(body), memory: body.buffer as ArrayBuffer };
}

/**
 * The body. Its first mail, and the first of text alone, are looked at as a mail server would, and their links as the pages
 * will: all share one shell, and all tokens are signed in one place, so a header lost or a link that opens nothing is found
 * here, before anything is handed over. Throws with every fault, and `NotReady` where something that it needs does not lie ready.
 */
export function putTogether(assembler: Assembler, { shellId, keys, digests, memory }: Order): Buffer {
  const { body, mails } = assembler.assembleBatch(
    shellId,
    digests.map((digest) => ({ composition: digest.composition, fill: fillOf(digest, keys) })),
    openWriting(memory),
  );
  const faults = [false, true].flatMap((ofText) => {
    const n = digests.findIndex(({ composition }) => isTextOnly(composition) === ofText);
    return n < 0 ? [] : [...checkMail(mails[n]!, ofText), ...checkLinks(mails[n]!, digests[n]!, keys)];
  });
  if (faults.length > 0) throw new Permanent(`These mails must not go out. ${faults.join(' ')}`);
  return body;
}

export function layOut(assembler: Assembler, { shells, fragments }: FrozenBytes): void {
  for (const [id, bytes] of shells) assembler.layOutShell(id, bytes);
  for (const [id, bytes] of fragments) assembler.layOut(id, bytes);
}

/** Links are looked for from the end, where the foot is. */
function checkLinks(mail: Buffer, digest: MailedDigest, keys: KeyRing): string[] {
  return Object.entries(digestTokens(keys, digest)).flatMap(([page, token]) => {
    const at = mail.lastIndexOf(`/${page}/`) + page.length + 2;
    const isTheirs = at < page.length + 2 || mail.toString('latin1', at, at + token.length) === token;
    return isTheirs ? [] : [`The link to /${page}/ is not the reader's own.`];
  });
}
