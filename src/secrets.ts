import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeDataDir } from './data-dir.ts';
import type { KeyRing } from './domain/tokens.ts';

/** What a trial on this machine needs and nobody was asked for: made once, kept beside its data. */
export interface KeptSecrets {
  keys: KeyRing;
  suppressionKey: Buffer;
  operatorPassword: string;
  /** Nobody has been shown the password yet. */
  operatorPasswordIsNew: boolean;
  webhookSecret: string;
  /** Where they stand. */
  file: string;
}

const fileName = 'secrets.json';
const shownFileName = 'operator-password-shown';
const bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
const shape = z.object({
  keys: z.array(z.object({ id: z.string().min(1), secret: bytes })).min(1),
  suppressionKey: bytes,
  operatorPassword: z.string().min(1),
  webhookSecret: z.string().startsWith('whsec_'),
});

/**
 * Reads the secrets of `dataDir`, after making them where there are none. Two processes that start at once end
 * with the same ones: the file appears whole, and the one who comes second reads the first one's.
 */
export function keepSecrets(dataDir: string): KeptSecrets {
  makeDataDir(dataDir);
  const path = join(dataDir, fileName);
  if (!existsSync(path)) publish(dataDir, path, JSON.stringify(makeSecrets(), undefined, 2));
  const secrets = read(path);
  const isShown = existsSync(join(dataDir, shownFileName));
  return {
    ...secrets,
    keys: secrets.keys as unknown as KeyRing,
    operatorPasswordIsNew: !isShown,
    file: path,
  };
}

/**
 * The secrets that a trial has kept, as variables of the environment, for a `.env` that goes on with its data: mailed links
 * stay alive, and who was suppressed stays so. Empty where there was none; makes nothing.
 */
export function keptAsVariables(dataDir: string): Record<string, string> {
  const path = join(dataDir, fileName);
  if (!existsSync(path)) return {};
  const { keys, suppressionKey, operatorPassword } = read(path);
  return {
    SECRET_KEYS: keys.map(({ id, secret }) => `${id}:${secret.toString('base64')}`).join(','),
    SUPPRESSION_KEY: suppressionKey.toString('base64'),
    OPERATOR_PASSWORD: operatorPassword,
  };
}

function read(path: string): z.output<typeof shape> {
  const secrets = shape.safeParse(parseJson(path));
  if (secrets.success) return secrets.data;
  throw new Error(
    `${path} is damaged. Restore it from a backup; without it the links in mails already sent are dead.`,
  );
}

/** Remembers that the operator has seen the password, so that it is printed once and not at every start. */
export function passwordWasShown(dataDir: string): void {
  writeFileSync(join(dataDir, shownFileName), '', { mode: 0o600 });
}

function makeSecrets() {
  return {
    keys: [{ id: 'a1', secret: randomBytes(32).toString('base64') }],
    suppressionKey: randomBytes(32).toString('base64'),
    operatorPassword: randomBytes(12).toString('base64url'),
    webhookSecret: `whsec_${randomBytes(24).toString('base64')}`,
  };
}

/** A hard link either makes the name or fails because it is there; unlike a rename it never replaces. */
function publish(dataDir: string, path: string, content: string): void {
  const draft = join(dataDir, `.${fileName}.${randomUUID()}`);
  try {
    writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(
      `The data folder ${dataDir} cannot be written in (${code}). Give this account the right to, or set BROADSHEET_DATA_DIR to another place.`,
      { cause },
    );
  }
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
