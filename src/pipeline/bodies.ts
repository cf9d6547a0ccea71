import { openWriting, type Writing } from '../render/writing.ts';

/**
 * Memory for request bodies, used again: a new one for each, of megabytes, was most of what the garbage collector had to
 * look after.
 */
export interface Bodies {
  take(): Writing;
  /** Only when nobody reads it any more: the answer to its request is complete and speaks of all that was in it. */
  giveBack(body: Writing): void;
}

/** Request bodies in flight at most (RULES 26). */
const keptMax = 2;
const keptBytesMax = 16 * 1024 * 1024;

export function openBodies(): Bodies {
  const free: Writing[] = [];
  return {
    take: () => free.pop() ?? openWriting(),
    giveBack(body) {
      if (free.length < keptMax && body.bytes.length <= keptBytesMax) free.push(body);
    },
  };
}
