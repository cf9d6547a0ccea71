import pg from 'pg';

/** Starting, stopping, crashed, or full for the moment (PostgreSQL's appendix A). */
const passing = new Set(['57P01', '57P02', '57P03', '53300']);
/** Nobody is there, or nobody any more: a server that restarts, and its name while it moves. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/**
 * Whether the database was away, so that the same may work in a moment. A wrong password, a missing database or a schema
 * of another version is not mended by waiting.
 */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof pg.DatabaseError) return passing.has(code ?? '');
  if (unreachable.has(code ?? '')) return true;
  // What pg itself says of a connection that broke or took too long is a plain Error without a code.
  if (error.constructor === Error && code === undefined && error.cause === undefined) return true;
  return isAway(error.cause);
}

/** For the operator: where nobody answers, and what to do. Never the password. */
export function awayInWords(databaseUrl: string, error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  const reason = message || code;
  const { hostname, port, pathname } = new URL(databaseUrl);
  const where = `${hostname || 'localhost'}:${port || 5432}${pathname}`;
  return `Postgres at ${where} does not answer (${reason}). Start it, or mend DATABASE_URL.`;
}
