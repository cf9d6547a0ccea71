import type { Transport } from '../../src/transport/transport.ts';
import { lost } from './scripted-transport.ts';

export interface MoodyTransport extends Transport {
  /** What becomes of the next requests: carried, lost on the way there, or taken with the answer lost. */
  mood: 'carries' | 'loses requests' | 'loses answers';
  /** Whether the suppression list answers. */
  listAnswers: boolean;
  /** What the list was asked, in order. */
  asked: string[];
}

/** A transport, the mailbox's mostly, on a bad line. */
export function moodyTransport(inner: Transport): MoodyTransport {
  const asked: string[] = [];
  const list = inner.suppressions!;
  const ask = async <T>(what: string, whatElse: T, run: () => Promise<T>) => {
    asked.push(what);
    return moody.listAnswers ? run() : whatElse;
  };
  const moody: MoodyTransport = {
    identity: inner.identity,
    mood: 'carries',
    listAnswers: true,
    asked,
    suppressions: {
      find: (address) => ask(`find ${address}`, undefined, () => list.find(address)),
      add: (address) => ask(`add ${address}`, false, () => list.add(address)),
      remove: (address) => ask(`remove ${address}`, false, () => list.remove(address)),
      page: (after) => ask('page', undefined, () => list.page(after)),
    },
    async submit(request) {
      if (moody.mood === 'loses requests') return lost;
      const receipt = await inner.submit(request);
      return moody.mood === 'loses answers' ? lost : receipt;
    },
    close: () => inner.close(),
  };
  return moody;
}
