import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../shared/data', import.meta.url));

/**
 * Recorded papers for tests, which lie beside the repository where they are at all; undefined where they are not.
 * Tests that need them say so in their name ("recorded"): .ci/run takes no other excuse for a skipped test.
 */
export const recordedData: string | undefined = existsSync(folder) ? folder : undefined;

if (!recordedData) console.warn('Tests on recorded papers are SKIPPED: there is no ../shared/data here.');
