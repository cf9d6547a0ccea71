/** While a queue is away every attempt to reach it fails the same way: the log hears of it this often. */
const repeatAfterMs = 30_000;

/** Passes on an error unless it said the very same a moment ago. */
export function damped(say: (error: Error) => void): (error: Error) => void {
  let said: string | undefined;
  let saidAtMs = -Infinity;
  return (error) => {
    const nowMs = performance.now();
    if (error.message === said && nowMs - saidAtMs < repeatAfterMs) return;
    said = error.message;
    saidAtMs = nowMs;
    say(error);
  };
}
