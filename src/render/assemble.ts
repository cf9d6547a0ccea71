import { unpack } from '../domain/digest.ts';
import { openArena } from './arena.ts';
import { type Kernel, kernelModule, startKernel } from './kernel.ts';
import { openStock, type OpenStock, type Stock } from './stock.ts';
import { type DigestFill, openValues } from './values.ts';
import { openWriting, write, type Writing, written } from './writing.ts';

export interface AssembledDigest {
  /** As `pack` packed it. */
  composition: Uint8Array;
  fill: DigestFill;
}

/**
 * Puts the bytes of mails together from frozen fragments. No React, no JSON encoder, no escaping: everything
 * that goes in is ready escaped, or is checked here to need no escaping. The same parts give the same bytes for ever;
 * whoever changes that raises `assemblerVersion` in shell.ts and keeps the old way for old batches.
 *
 * Frozen bytes are laid out once, by number; from there the kernel (src/kernel) copies them, mail by mail.
 */
export interface Assembler extends Stock {
  /** The JSON object of one mail, ready to be sent. Throws as `assembleBatch` does. */
  assembleDigest(shellId: number, digest: AssembledDigest): Buffer;
  /**
   * One request's body from its digests: a JSON array, and where in it each mail lies. Throws `NotReady` with all that lacks, and a
   * sentence when a fragment has a hole too many, a value is unsafe or a composition damaged.
   */
  assembleBatch(shellId: number, digests: readonly AssembledDigest[], to?: Writing): AssembledBatch;
}

export interface AssembledBatch {
  body: Buffer;
  mails: Buffer[];
}

export function openAssembler(module = kernelModule()): Assembler {
  const kernel = startKernel(module);
  const arena = openArena(kernel);
  const values = openValues(kernel, arena);
  const stock = openStock(kernel, arena);
  /** The mail lies in the kernel's memory until the next one does. */
  const assemble = (shell: number, { composition, fill }: AssembledDigest): Buffer | undefined => {
    values.fill(fill);
    if (composition.length > kernel.compositionBytesMax) throw faultOf(kernel, kernel.damaged, composition);
    arena.bytes.set(composition, kernel.composition);
    const length = kernel.assemble(shell, composition.length);
    if (length === kernel.lacking) return undefined;
    if (length < 0) throw faultOf(kernel, length, composition);
    return arena.bytes.subarray(kernel.mail, kernel.mail + length);
  };
  const each = (shellId: number, digests: readonly AssembledDigest[], take: (mail: Buffer) => void) => {
    const shell = stock.shellAt(shellId);
    for (const digest of digests) {
      const mail = shell === undefined ? undefined : assemble(shell, digest);
      if (!mail) throw lackingOf(stock, shellId, digests);
      take(mail);
    }
  };
  return {
    ...stock,
    clear() {
      stock.clear();
      values.clear();
    },
    assembleDigest(shellId, digest) {
      let copy = nothing;
      each(shellId, [digest], (mail) => (copy = Buffer.from(mail)));
      return copy;
    },
    assembleBatch(shellId, digests, to = openWriting()) {
      to.length = 0;
      write(to, arrayOpen);
      const ends: number[] = [];
      each(shellId, digests, (mail) => {
        if (ends.length > 0) write(to, arrayComma);
        write(to, mail);
        ends.push(to.length);
      });
      write(to, arrayClose);
      const body = written(to);
      return { body, mails: ends.map((end, n) => body.subarray(n === 0 ? 1 : ends[n - 1]! + 1, end)) };
    },
  };
}

const arrayOpen = Buffer.from('[');
const arrayComma = Buffer.from(',');
const arrayClose = Buffer.from(']');
const nothing = Buffer.alloc(0);

function lackingOf(stock: OpenStock, shellId: number, digests: readonly AssembledDigest[]): Error {
  return stock.lacking(
    shellId,
    digests.map(({ composition }) => composition),
  );
}

function faultOf(kernel: Kernel, fault: number, composition: Uint8Array): Error {
  if (fault === kernel.badHole)
    return new Error('A fragment has a hole where none may be: render its edition again.');
  if (fault === kernel.tooLong)
    return new Error(`A mail would have more than ${kernel.mailBytesMax} bytes; it was not put together.`);
  // Says what is wrong with it.
  unpack(composition);
  return new Error('The composition of a digest is damaged.');
}
