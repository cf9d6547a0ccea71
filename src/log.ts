import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** A link that carries a reader's rights, wherever it stands in a text (RULES 23). */
const tokenInPath = /\/(confirm|preferences|unsubscribe|digest|feed|taste|account|move)\/[^/?#\s"']+/g;

/**
 * The log: one JSON object a line on standard error, so that standard output stays for answers.
 * Addresses, passwords and tokens have no place in it; what slips in under these names is cut out.
 */
export function openLog(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: ['address', 'email', 'password', 'token', '*.address', '*.email', '*.password', '*.token'],
      },
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** A path or an address as it may be logged: its token replaced by an ellipsis. */
export function withoutTokens(text: string): string {
  return text.replace(tokenInPath, '/$1/…');
}
