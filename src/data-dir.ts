import { mkdirSync } from 'node:fs';

/**
 * Makes the data folder if it is missing. Where we are root, others may pass through it (and see nothing):
 * Postgres runs as somebody else then, and its files lie inside. A folder that is there stays as it is.
 */
export function makeDataDir(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(
      `The data folder ${dataDir} cannot be made (${code}). Set BROADSHEET_DATA_DIR to another place.`,
      {
        cause,
      },
    );
  }
}
