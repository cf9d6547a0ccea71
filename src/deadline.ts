/** A time by which work must have ended, told as a signal. */
export interface Deadline {
  /** Aborted when the time is up, or when the caller stops. */
  signal: AbortSignal;
  /** Why the signal is aborted; undefined while it is not. */
  reason(): 'timeout' | 'stopping' | undefined;
}

/**
 * Runs work that is told to end after `withinMs`, or as soon as the caller stops; gives or throws what the work does.
 *
 * `AbortSignal.any` with `AbortSignal.timeout` would say the same, but on Node 20 the timeout may be garbage collected
 * before it is due, and then nothing ever ends the work (https://github.com/nodejs/node/pull/57867); and each call leaves
 * a reference in the caller's long-lived signal.
 */
export async function within<T>(
  withinMs: number,
  caller: AbortSignal | undefined,
  work: (deadline: Deadline) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let reason: ReturnType<Deadline['reason']>;
  const end = (why: NonNullable<typeof reason>) => {
    reason ??= why;
    controller.abort();
  };
  const onCaller = () => end('stopping');
  if (caller?.aborted) onCaller();
  caller?.addEventListener('abort', onCaller, { once: true });
  const timer = setTimeout(() => end('timeout'), withinMs);
  try {
    return await work({ signal: controller.signal, reason: () => reason });
  } finally {
    clearTimeout(timer);
    caller?.removeEventListener('abort', onCaller);
  }
}
