/**
 * The request bodies that a process is at: four are made, sent or settled at a time, and two of them are on their way to the
 * provider (RULES 26). Their memory is used again, because a new one for each, of megabytes, was most of what the garbage
 * collector had to look after.
 */
export interface Bodies {
  /** Resolves when there is a place; first come, first served. */
  take(): Promise<BodyPlace>;
  giveBack(place: BodyPlace): void;
  /** Hands a body over as soon as fewer than two others are being handed over. */
  inFlight<T>(handOver: () => Promise<T>): Promise<T>;
}

export interface BodyPlace {
  /** What the next body may be printed into; none where the last one may still be read. */
  memory: ArrayBuffer | undefined;
}

/** While two are in flight the press prints the next, and the row of the one before is written. */
export const placesMax = 4;
/** RULES 26. */
const inFlightMax = 2;
const keptBytesMax = 16 * 1024 * 1024;

export function openBodies(): Bodies {
  const places = openQueue(Array.from({ length: placesMax }, (): BodyPlace => ({ memory: undefined })));
  const flights = openQueue(Array.from({ length: inFlightMax }, (_, number) => number));
  return {
    take: () => places.take(),
    giveBack(place) {
      if (place.memory && place.memory.byteLength > keptBytesMax) place.memory = undefined;
      places.giveBack(place);
    },
    async inFlight(handOver) {
      const flight = await flights.take();
      try {
        return await handOver();
      } finally {
        flights.giveBack(flight);
      }
    },
  };
}

/** Things that are lent, one after the other, to those who wait for one. */
function openQueue<T>(free: T[]) {
  const waiting: ((one: T) => void)[] = [];
  return {
    async take(): Promise<T> {
      return free.pop() ?? new Promise((resolve) => void waiting.push(resolve));
    },
    giveBack(one: T): void {
      const next = waiting.shift();
      if (next) next(one);
      else free.push(one);
    },
  };
}
