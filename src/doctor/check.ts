/** One line of `broadsheet doctor`: what was looked at, how it stands, and what to do where it stands badly. */
export interface Check {
  name: string;
  state: 'ok' | 'warn' | 'fail';
  says: string;
}

export const ok = (name: string, says: string): Check => ({ name, state: 'ok', says });
export const warn = (name: string, says: string): Check => ({ name, state: 'warn', says });
export const fail = (name: string, says: string): Check => ({ name, state: 'fail', says });

/** What went wrong, in words that may be shown: of a URL only the message of the error, never the URL. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const cause = error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as NodeJS.ErrnoException;
  return message || code || cause.name;
}

/** Who asks over HTTP, and how long a doctor waits for anything outside. */
export const askTimeoutMs = 5_000;
