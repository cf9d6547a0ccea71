/**
 * The press prints request bodies in a thread of its own, so that a process chooses papers for some readers on one core
 * while the mails of others are put together on another. It knows no database: shells and fragments are laid out there by
 * number, and stay.
 *
 * A thread that dies takes no mail with it: what it was printing fails, the batch was never attempted or is printed again
 * from its rows, and a new thread prints what comes next.
 */
import { eachFragment } from '../domain/digest.ts';
import type { FragmentBytes } from '../render/freeze.ts';
import type { Order, Printed, FrozenBytes } from './order.ts';
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

/** A thread, and the numbers of what lies there. */
interface Running extends Thread {
  shells: Set<number>;
  fragments: Set<number>;
  /** Whether the next sheet clears what lies there. */
  clears: boolean;
}

interface Fetched extends FrozenBytes {
  shells: Map<number, Buffer>;
  fragments: Map<number, FragmentBytes>;
}

/** Beyond so many the thread is cleared, so that it does not grow for ever; what is still wanted is laid out again. */
const fragmentsKeptMax = 20_000;

/** The thread starts with the first order. Only tests let it keep less. */
export function openPress({ keptMax = fragmentsKeptMax } = {}): Press {
  let running: Running | undefined;
  const there = (): Running => {
    if (running) return running;
    const thread = startThread(() => void (running = undefined));
    return (running = { ...thread, shells: new Set(), fragments: new Set(), clears: false });
  };
  return {
    async print(supply, order) {
      if (there().fragments.size > keptMax) clear(there());
      const fetched: Fetched = { shells: new Map(), fragments: new Map() };
      // While something is fetched, the thread may end or be cleared, and then more is lacking than before.
      for (;;) {
        const to = there();
        const lacking = lackingOf(order, to, fetched);
        if (lacking.fragments.length + lacking.shells.length === 0) return send(to, order, fetched);
        await fetchInto(fetched, lacking, supply);
      }
    },
    close: async () => running?.stop(),
  };
}

function clear(there: Running): void {
  there.fragments.clear();
  there.clears = true;
}

interface Lacking {
  shells: readonly number[];
  fragments: readonly number[];
}

/** What neither lies there nor was fetched. */
function lackingOf({ shellId, digests }: Order, there: Running, fetched: Fetched): Lacking {
  const lacking = new Set<number>();
  const note = (id: number) => {
    if (!there.fragments.has(id) && !fetched.fragments.has(id)) lacking.add(id);
  };
  for (const { composition } of digests) eachFragment(composition, note);
  const hasShell = there.shells.has(shellId) || fetched.shells.has(shellId);
  return { shells: hasShell ? [] : [shellId], fragments: [...lacking] };
}

async function fetchInto(into: Fetched, { shells, fragments }: Lacking, supply: Supply): Promise<void> {
  for (const id of shells) into.shells.set(id, await supply.readShell(id));
  for (const [id, bytes] of await supply.readFragments(fragments)) into.fragments.set(id, bytes);
}

function send(to: Running, order: Order, frozen: FrozenBytes): Promise<Printed> {
  const { clears } = to;
  to.clears = false;
  for (const id of frozen.shells.keys()) to.shells.add(id);
  for (const id of frozen.fragments.keys()) to.fragments.add(id);
  return to.send({ ...order, frozen, clears });
}
