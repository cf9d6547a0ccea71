/** Counts tries by name within a window, in memory, for a bounded number of names. */
export interface Limiter {
  /** Counts a try and says whether it is within the limit. */
  take(name: string): boolean;
  /** Whether another try would be refused; counts nothing. */
  isFull(name: string): boolean;
}

export interface LimiterOptions {
  max: number;
  windowMs: number;
  /** Names remembered; beyond it the oldest window is forgotten. */
  namesMax?: number;
  /** Monotonic milliseconds. */
  clock?: () => number;
}

interface Window {
  startedAtMs: number;
  tries: number;
}

export function openLimiter(options: LimiterOptions): Limiter {
  const { max, windowMs, namesMax = 10_000, clock = () => performance.now() } = options;
  const windows = new Map<string, Window>();

  function current(name: string): Window {
    const known = windows.get(name);
    if (known && clock() - known.startedAtMs < windowMs) return known;
    return { startedAtMs: clock(), tries: 0 };
  }

  return {
    take(name) {
      const window = current(name);
      window.tries += 1;
      // Taken out and put back, so that the map stays in the order of the last try.
      windows.delete(name);
      windows.set(name, window);
      for (const oldest of windows.keys()) if (windows.size > namesMax) windows.delete(oldest);
      return window.tries <= max;
    },
    isFull: (name) => current(name).tries >= max,
  };
}
