/**
 * The press prints request bodies in a thread of its own, so that a process chooses papers for some readers on one core
 * while the mails of others are put together on another. It knows no database: shells and fragments are laid out there by
 * number, and stay.
 *
 * A thread that dies takes no mail with it: what it was printing fails, the batch was never attempted or is printed again
 * from its rows, and a new thread prints what comes next.
 */
import type { FragmentBytes } from '../render/freeze.ts';
import { kernelModule } from '../render/kernel.ts';
import { columnsOf } from './columns.ts';
import type { Lacking } from '../render/stock.ts';
import type { FrozenBytes, Order, Printed } from './order.ts';
import { startThread, type Thread } from './start.ts';

/** Where the press gets the frozen bytes that it has not. Both throw for what is not there. */
export interface Supply {
  readShell(id: number): Promise<Buffer>;
  readFragments(ids: readonly number[]): Promise<ReadonlyMap<number, FragmentBytes>>;
}

export interface Press {
  /**
   * The request body of these digests: the same rows give the same bytes, whenever and wherever. Throws `Permanent` where
   * the mails must not go out.
   */
  print(supply: Supply, order: Order): Promise<Printed>;
  close(): Promise<void>;
}

/** Beyond so many the thread is cleared, so that it does not grow for ever; what is still wanted is laid out again. */
const fragmentsKeptMax = 20_000;
const nothing: FrozenBytes = { shells: new Map(), fragments: new Map() };

/** Throws a sentence where the kernel is not whole. The thread starts with the first order. Only tests let it keep less. */
export function openPress({ keptMax = fragmentsKeptMax } = {}): Press {
  // A process that could not put a mail together says so when it starts.
  kernelModule();
  let running: Thread | undefined;
  const thread = () => (running ??= startThread({ keptMax, onEnd: () => void (running = undefined) }));
  return {
    async print(supply, { shellId, keys, digests, memory }) {
      const sheet = { shellId, keys, digests: columnsOf(digests), memory, frozen: nothing };
      // Once, or twice. More often where the thread ended or was cleared meanwhile.
      for (;;) {
        const proof = await thread().send(sheet);
        if ('body' in proof) return proof;
        sheet.memory = proof.memory;
        sheet.frozen = await readFrozen(supply, proof.lacking);
      }
    },
    close: async () => running?.stop(),
  };
}

async function readFrozen(supply: Supply, lacking: Lacking): Promise<FrozenBytes> {
  const shells = new Map<number, Buffer>();
  for (const id of lacking.shells) shells.set(id, await supply.readShell(id));
  const { fragments: ids } = lacking;
  return { shells, fragments: ids.length > 0 ? await supply.readFragments(ids) : nothing.fragments };
}
