/**
 * The request bodies that a process may have in flight: whoever wants to hand one over waits for a place. Their memory is
 * used again, because a new one for each, of megabytes, was most of what the garbage collector had to look after.
 */
export interface Bodies {
  /** Resolves when there is a place; first come, first served. */
  take(): Promise<BodyPlace>;
  giveBack(place: BodyPlace): void;
}

export interface BodyPlace {
  /** What the next body may be printed into; none where the last one may still be read. */
  memory: ArrayBuffer | undefined;
}

/** RULES 26. */
const inFlightMax = 2;
const keptBytesMax = 16 * 1024 * 1024;

export function openBodies(): Bodies {
  const free: BodyPlace[] = Array.from({ length: inFlightMax }, () => ({ memory: undefined }));
  const waiting: ((place: BodyPlace) => void)[] = [];
  return {
    async take() {
      return free.pop() ?? new Promise((resolve) => void waiting.push(resolve));
    },
    giveBack(place) {
      if (place.memory && place.memory.byteLength > keptBytesMax) place.memory = undefined;
      const next = waiting.shift();
      if (next) next(place);
      else free.push(place);
    },
  };
}
