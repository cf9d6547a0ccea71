/**
 * Numbers that take a million rows to count. A page shows them as last counted, and has them counted again behind it,
 * one after another, so that no page waits and no reload piles up work.
 */
export interface KeptCounts<T> {
  /** What is known of these keys; the missing ones are waited for, once and not for long, and not where `waits` says no. */
  read(keys: readonly string[], waits?: (key: string) => boolean): Promise<ReadonlyMap<string, T>>;
}

export interface KeptOptions<T> {
  count(key: string): Promise<T>;
  /** For how long a count is shown before it is made again. */
  freshMs(key: string): number;
  waitMs?: number;
  /** Hears why something could not be counted; it is tried again at the next look. */
  onError?: (error: unknown) => void;
  /** Monotonic milliseconds. */
  clock?: () => number;
}

const keysMax = 400;
/** What takes long to count is counted seldom: at most a twentieth of the time goes into it. */
const restAfterCounting = 20;

export function keepCounts<T>(options: KeptOptions<T>): KeptCounts<T> {
  const { count, freshMs, waitMs = 800, onError = () => {}, clock = () => performance.now() } = options;
  const kept = new Map<string, { value: T; atMs: number; tookMs: number }>();
  const wanted = new Map<string, Promise<void>>();
  /** Counts under way that a page gave up waiting for: no other page waits for them. */
  const late = new Set<string>();
  let last: Promise<void> = Promise.resolve();

  /** Queues one count, once. What cannot be counted stays as it was and is tried at the next look. */
  function want(key: string): Promise<void> {
    const known = wanted.get(key);
    if (known) return known;
    const counting = last
      .then(async () => {
        const startedMs = clock();
        const value = await count(key);
        kept.delete(key);
        kept.set(key, { value, atMs: clock(), tookMs: clock() - startedMs });
        for (const oldest of kept.keys()) if (kept.size > keysMax) kept.delete(oldest);
      })
      .catch(onError)
      .finally(() => {
        wanted.delete(key);
        late.delete(key);
      });
    wanted.set(key, counting);
    last = counting;
    return counting;
  }

  return {
    async read(keys, waits = () => true) {
      const missing = new Map<string, Promise<void>>();
      for (const key of keys) {
        const known = kept.get(key);
        if (known && clock() - known.atMs < Math.max(freshMs(key), known.tookMs * restAfterCounting))
          continue;
        const counting = want(key);
        if (!known && !late.has(key) && waits(key)) missing.set(key, counting);
      }
      if (missing.size > 0) await atMost(Promise.all(missing.values()), waitMs);
      for (const key of missing.keys()) if (wanted.has(key)) late.add(key);
      const found = new Map<string, T>();
      for (const key of keys) {
        const known = kept.get(key);
        if (known) found.set(key, known.value);
      }
      return found;
    },
  };
}

async function atMost(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    timer.unref();
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
