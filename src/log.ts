import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** A link that carries a reader's rights, wherever it stands in a text (RULES 23). */
const tokenInPath = /\/(confirm|preferences|unsubscribe|digest|feed|taste|account|move)\/[^/?#\s"']+/g;
/** A token by its shape (domain/tokens.ts), wherever it stands and whether its proof is genuine or not. */
const bareToken = /[a-z]-[0-9a-z]{1,7}-[0-9a-z]{1,3}-(?:\d{8}|0)-[A-Za-z0-9]{1,16}-[A-Za-z0-9_-]{22}/g;
/** An address, and what stands before the host in a URL with a password. */
const addressOrLogin =
  /[\p{L}\p{N}.!#$&'*+=?^_`{|}~:%-]{1,256}(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*/giu;
const causesMax = 3;

/** Where lines go; standard error, unless a test listens. */
export interface LogSink {
  write(line: string): void;
}

/**
 * The log: one JSON object a line on standard error, so that standard output stays for answers. Addresses, passwords and
 * tokens have no place in it; whatever slips into a line, by an error's message or otherwise, is cut out of it.
 */
export function openLog(level: string, sink: LogSink = pino.destination({ fd: 2, sync: true })): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['address', 'email', 'password', 'token', '*.address', '*.email', '*.password', '*.token'],
      },
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => (error instanceof Error ? describe(error) : error) },
    },
    { write: (line) => sink.write(scrub(line)) },
  );
}

/** A path or an address as it may be logged: its token replaced by an ellipsis. */
export function withoutTokens(text: string): string {
  return text.replace(tokenInPath, '/$1/…');
}

/** A line without tokens, and without whatever looks like an address or a login. */
export function scrub(line: string): string {
  return withoutTokens(line).replace(bareToken, '…').replace(addressOrLogin, '…');
}

/** An error without what databases add to it: the detail of a failed row is the row. */
function describe(error: Error, depth = 0): object {
  const { code } = error as NodeJS.ErrnoException;
  const cause =
    error.cause instanceof Error && depth < causesMax ? describe(error.cause, depth + 1) : undefined;
  return {
    type: error.name,
    ...(code !== undefined && { code }),
    message: error.message,
    stack: error.stack,
    ...(cause && { cause }),
  };
}
