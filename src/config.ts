import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { DailyCap } from './domain/daily-cap.ts';
import { isLoopback } from './domain/loopback.ts';
import type { KeyRing } from './domain/tokens.ts';
import { type Given, readVariables, type Values, type VariableName } from './environment.ts';
import { type KeptSecrets, keepSecrets } from './secrets.ts';
import type { SmtpOptions } from './transport/smtp.ts';

/** Everything that can be configured, checked and frozen. README.md lists the variables behind it. */
export interface Config {
  /** No DATABASE_URL: an embedded Postgres under `dataDir`. */
  local: boolean;
  databaseUrl: string | undefined;
  /** Absent: the queues live in Postgres. */
  redisUrl: string | undefined;
  transport: 'resend' | 'smtp' | 'mailbox';
  resend: { apiKey: string; baseUrl: string } | undefined;
  smtp: SmtpOptions | undefined;
  /** `whsec_…`; several during a rotation. With the mailbox there is always one. */
  webhookSecrets: readonly string[];
  mail: { from: string; replyTo: string | undefined; postalAddress: string };
  /** Without trailing slash. */
  publicUrl: string;
  host: string;
  port: number;
  keys: KeyRing;
  suppressionKey: Buffer;
  operatorPassword: string;
  /** Made by us and not shown yet: print it, then call `passwordWasShown` of secrets.ts. */
  operatorPasswordIsNew: boolean;
  /** Where the password that we made stands; undefined where OPERATOR_PASSWORD says one. */
  operatorPasswordFile: string | undefined;
  operatorEmail: string | undefined;
  /** `huggingface`, `arxiv:cs.LG+cs.CV`. */
  sources: readonly string[];
  huggingfaceBaseUrl: string;
  arxivBaseUrl: string;
  /** An embedding model that helps with ranking; undefined where none is configured. */
  embeddings: { baseUrl: string; model: string; apiKey: string | undefined } | undefined;
  /** Requests; undefined where nobody set a rate. */
  ratePerSecond: number | undefined;
  /** Mails a UTC day; undefined for as many as there are. */
  dailyCap: DailyCap | undefined;
  /** Absolute. */
  dataDir: string;
  logLevel: string;
}

/** Thrown with every fault there is; the entries answer it with exit code 78 (EX_CONFIG of sysexits.h). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(
      `Broadsheet cannot start with this configuration:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
    this.faults = faults;
  }
}

export const configExitCode = 78;

/** RFC 8301 lets receivers ignore smaller ones. */
const signingBitsMin = 1024;

/** The environment, with what a `.env` in the working directory adds to it. Nothing else reads `process.env`. */
export function readEnvironment(): NodeJS.ProcessEnv {
  try {
    return { ...parseEnv(readFileSync('.env', 'utf8')), ...process.env };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ...process.env };
    throw new ConfigError([`.env cannot be read: ${(error as Error).message}`]);
  }
}

/**
 * The configuration that `env` describes. Where mail stays on this machine, secrets that are missing are made
 * once and kept in the data folder; that is the only thing this writes. Throws ConfigError with all faults.
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const { values, given, faults } = readVariables(env);
  const transport = chooseTransport(given, values.MAIL_TRANSPORT);
  faults.push(...checkTogether(values, given, transport));
  if (faults.length > 0 || !transport) throw new ConfigError(faults);

  const dataDir = resolve(values.BROADSHEET_DATA_DIR ?? 'data');
  const kept = transport === 'mailbox' && isShortOfSecrets(values) ? readKept(dataDir) : undefined;
  return completeConfig(values, transport, dataDir, kept);
}

function readKept(dataDir: string): KeptSecrets {
  try {
    return keepSecrets(dataDir);
  } catch (error) {
    throw new ConfigError([(error as Error).message]);
  }
}

/** The transport that was named, or the one that the others imply; undefined where nothing tells. */
function chooseTransport(
  given: Given,
  named: Config['transport'] | undefined,
): Config['transport'] | undefined {
  if (named) return named;
  if (given.has('RESEND_API_KEY')) return 'resend';
  if (given.has('SMTP_URL')) return 'smtp';
  return given.has('DATABASE_URL') ? undefined : 'mailbox';
}

/** What the variables demand of each other. A wrong value was reported already and is not missing as well. */
function checkTogether(values: Values, given: Given, transport: Config['transport'] | undefined): string[] {
  return [...checkEmbeddings(given), ...checkTransport(values, given, transport)];
}

function checkEmbeddings(given: Given): string[] {
  const names = ['EMBEDDINGS_BASE_URL', 'EMBEDDINGS_MODEL'] as const;
  if (!names.some((name) => given.has(name)) && !given.has('EMBEDDINGS_API_KEY')) return [];
  return names
    .filter((name) => !given.has(name))
    .map((name) => `${name} is missing: an embedding model needs an address and a name`);
}

function checkTransport(values: Values, given: Given, transport: Config['transport'] | undefined): string[] {
  if (given.has('RESEND_API_KEY') && given.has('SMTP_URL') && !given.has('MAIL_TRANSPORT')) {
    return [
      'MAIL_TRANSPORT is missing: RESEND_API_KEY and SMTP_URL are both set, say which one carries the mail',
    ];
  }
  switch (transport) {
    case undefined:
      return [
        'RESEND_API_KEY is missing: DATABASE_URL is set, so readers may be real. Set it and what follows, or say MAIL_TRANSPORT=mailbox to keep all mail on this machine',
        ...checkReal(values, new Set([...given, 'RESEND_API_KEY']), 'resend'),
      ];
    case 'mailbox':
      return checkMailbox(values);
    case 'smtp':
    case 'resend':
      return checkReal(values, given, transport);
  }
}

function checkMailbox(values: Values): string[] {
  if (values.HOST === undefined || isLoopback(values.HOST)) return [];
  return ['HOST must be 127.0.0.1: with the mailbox everything stays on this machine'];
}

/** Mail leaves this machine: what it needs for readers to trust it, and for us to answer for it. */
function checkReal(values: Values, given: Given, transport: 'resend' | 'smtp'): string[] {
  const faults: string[] = [];
  const demand = (because: string, ...names: VariableName[]) => {
    for (const name of names) if (!given.has(name)) faults.push(`${name} is missing: ${because}`);
  };
  const isRehearsal = transport === 'resend' && isLocal(values.RESEND_BASE_URL);
  const isPlain = (url: string | undefined) => url !== undefined && !isRehearsal && url.startsWith('http:');

  demand(`the transport is ${transport}`, transport === 'resend' ? 'RESEND_API_KEY' : 'SMTP_URL');
  demand(
    '`broadsheet init` writes a .env with fresh ones',
    'SECRET_KEYS',
    'SUPPRESSION_KEY',
    'OPERATOR_PASSWORD',
  );
  demand('every mail says who sends it and from where', 'MAIL_FROM', 'MAIL_POSTAL_ADDRESS');
  demand('the links in the mails begin with it', 'PUBLIC_URL');
  // A rehearsal against a stand-in on this machine may have nobody who signs webhooks.
  if (transport === 'resend' && !isRehearsal) {
    demand('no bounce and no complaint can be believed without it', 'RESEND_WEBHOOK_SECRET');
  }
  if (isPlain(values.PUBLIC_URL)) {
    faults.push('PUBLIC_URL must start with https: one-click unsubscribe needs it (RFC 8058)');
  }
  const keyFile = transport === 'smtp' ? values.SMTP_URL?.dkim?.keyFile : undefined;
  if (keyFile !== undefined && readSigningKey(keyFile) === undefined) {
    faults.push(
      `SMTP_URL: dkim-key-file must be a readable file with an RSA private key in PEM, of at least ${signingBitsMin} bits`,
    );
  }
  if (isPlain(values.RESEND_BASE_URL)) {
    faults.push(
      'RESEND_BASE_URL must start with https unless it is on this machine: every request carries the key',
    );
  }
  return faults;
}

function isLocal(url: string | undefined): boolean {
  return url !== undefined && isLoopback(new URL(url).hostname);
}

function isShortOfSecrets(values: Values): boolean {
  const { SECRET_KEYS, SUPPRESSION_KEY, OPERATOR_PASSWORD, RESEND_WEBHOOK_SECRET } = values;
  return !SECRET_KEYS || !SUPPRESSION_KEY || !OPERATOR_PASSWORD || !RESEND_WEBHOOK_SECRET;
}

/** Values without faults and, where needed, the kept secrets, as one frozen whole. */
function completeConfig(
  values: Values,
  transport: Config['transport'],
  dataDir: string,
  kept: KeptSecrets | undefined,
): Config {
  const port = values.PORT ?? 3000;
  const isIntroduced = values.DATABASE_URL === undefined && transport === 'mailbox';
  return deepFreeze<Config>({
    local: values.DATABASE_URL === undefined,
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    transport,
    resend: transport === 'resend' ? readResend(values) : undefined,
    smtp: transport === 'smtp' ? readSmtp(values) : undefined,
    webhookSecrets: values.RESEND_WEBHOOK_SECRET ?? (kept ? [kept.webhookSecret] : []),
    mail: {
      from: values.MAIL_FROM ?? 'Broadsheet <digest@broadsheet.example>',
      replyTo: values.MAIL_REPLY_TO,
      postalAddress: values.MAIL_POSTAL_ADDRESS ?? 'A trial on your own machine, with no postal address yet',
    },
    publicUrl: values.PUBLIC_URL ?? `http://localhost:${port || 3000}`,
    host: values.HOST ?? '127.0.0.1',
    port,
    keys: values.SECRET_KEYS ?? kept!.keys,
    suppressionKey: values.SUPPRESSION_KEY ?? kept!.suppressionKey,
    operatorPassword: values.OPERATOR_PASSWORD ?? kept!.operatorPassword,
    operatorPasswordIsNew: values.OPERATOR_PASSWORD === undefined && kept!.operatorPasswordIsNew,
    operatorPasswordFile: values.OPERATOR_PASSWORD === undefined ? kept!.file : undefined,
    operatorEmail: values.OPERATOR_EMAIL,
    sources: values.PAPER_SOURCES ?? ['huggingface'],
    huggingfaceBaseUrl: values.HUGGINGFACE_BASE_URL ?? 'https://huggingface.co',
    arxivBaseUrl: values.ARXIV_BASE_URL ?? 'https://export.arxiv.org',
    embeddings: readEmbeddings(values),
    ratePerSecond: values.MAIL_RATE_PER_SECOND,
    dailyCap: values.MAIL_DAILY_CAP,
    dataDir,
    // The introduction of a bare machine prints its own few lines; only trouble may interrupt them. Whoever names a
    // database has no other line than the log's: that it waits for it, and that it has started.
    logLevel: values.LOG_LEVEL ?? (isIntroduced ? 'error' : 'info'),
  });
}

function readResend(values: Values): Config['resend'] {
  return { apiKey: values.RESEND_API_KEY!, baseUrl: values.RESEND_BASE_URL ?? 'https://api.resend.com' };
}

function readEmbeddings(values: Values): Config['embeddings'] {
  const { EMBEDDINGS_BASE_URL: baseUrl, EMBEDDINGS_MODEL: model, EMBEDDINGS_API_KEY: apiKey } = values;
  return baseUrl && model ? { baseUrl, model, apiKey } : undefined;
}

function readSmtp(values: Values): Config['smtp'] {
  const { dkim, ...server } = values.SMTP_URL!;
  if (!dkim) return { ...server, dkim: undefined };
  return { ...server, dkim: { ...dkim, privateKey: readSigningKey(dkim.keyFile)! } };
}

/** The PEM, or undefined for whatever is no key to sign with: what is in the file must not end up in a message. */
function readSigningKey(file: string): string | undefined {
  try {
    const pem = readFileSync(file, 'utf8');
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(pem);
    const bits = asymmetricKeyType === 'rsa' ? (asymmetricKeyDetails?.modulusLength ?? 0) : 0;
    return bits >= signingBitsMin ? pem : undefined;
  } catch {
    return undefined;
  }
}

/** Freezes all the way down, except the bytes of keys: JavaScript cannot freeze those. */
function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === 'object' && part !== null && !ArrayBuffer.isView(part)) deepFreeze(part as object);
  }
  return Object.freeze(value);
}
