import { z } from 'zod';
import { isDate } from './domain/calendar.ts';
import type { DailyCap } from './domain/daily-cap.ts';
import type { KeyRing, SigningKey } from './domain/tokens.ts';
import { readSmtpUrl, type SmtpServer } from './transport/smtp-url.ts';

/** An address as mail servers take it, without a name: enough to catch a mistake, not a proof that it exists. */
const bareAddress = /^[^\s<>@",;:\\()[\]\p{Cc}]{1,64}@(?=.{1,253}$)[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*$/u;
const namedAddress = /^(?:"[^"\\\p{Cc}]{1,100}"|[^"<>@,;:\\\p{Cc}]{1,100}) ?<([^<>]+)>$/u;
const base64 = /^[A-Za-z0-9+/_-]+={0,2}$/;
const arxivSource = /^arxiv:[a-z-]+(\.[A-Za-z-]+)?(\+[a-z-]+(\.[A-Za-z-]+)?)*$/;
const keyBytesMin = 16;
const dailyCapMax = 100_000_000;
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const transports = ['resend', 'smtp', 'mailbox'] as const;

/**
 * What each variable of the environment must look like, one by one; config.ts holds what they demand of each other.
 * No message repeats a value, because a secret in the wrong place must not end up in a log.
 */
export const variables = {
  DATABASE_URL: address(['postgres:', 'postgresql:'], 'postgres://name:password@host:5432/database'),
  REDIS_URL: address(['redis:', 'rediss:'], 'redis://host:6379'),
  MAIL_TRANSPORT: z.enum(transports, 'must be resend, smtp or mailbox'),
  RESEND_API_KEY: z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be one word'),
  RESEND_BASE_URL: webAddress(),
  RESEND_WEBHOOK_SECRET: z.string().transform(readWebhookSecrets),
  SMTP_URL: z.string().transform(readMailServer),
  MAIL_FROM: z
    .string()
    .refine(isMailbox, 'must be a sender like "Broadsheet <digest@example.org>", on one line'),
  MAIL_REPLY_TO: z.string().refine(isMailbox, 'must be an address like "editors@example.org", on one line'),
  MAIL_POSTAL_ADDRESS: z.string().regex(/^\P{Cc}{1,300}$/u, 'must be one line of at most 300 characters'),
  PUBLIC_URL: webAddress(),
  HOST: z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'must be a host name or an IP address'),
  PORT: whole(0, 65_535),
  SECRET_KEYS: z.string().transform(readKeyRing),
  SUPPRESSION_KEY: z.string().transform(readSuppressionKey),
  OPERATOR_PASSWORD: z.string().regex(/^\P{Cc}{1,200}$/u, 'must be one line of at most 200 characters'),
  OPERATOR_EMAIL: z.string().regex(bareAddress, 'must be an address like "ada@example.org"'),
  PAPER_SOURCES: z.string().transform(readSources),
  HUGGINGFACE_BASE_URL: webAddress(),
  ARXIV_BASE_URL: webAddress(),
  EMBEDDINGS_BASE_URL: webAddress(),
  EMBEDDINGS_MODEL: z.string().regex(/^[\x21-\x7e]{1,200}$/, 'must be one word'),
  EMBEDDINGS_API_KEY: z.string().regex(/^[\x21-\x7e]{1,400}$/, 'must be one word'),
  MAIL_RATE_PER_SECOND: z.string().transform(readRate),
  MAIL_DAILY_CAP: z.string().transform(readDailyCap),
  BROADSHEET_DATA_DIR: z.string().regex(/^\P{Cc}+$/u, 'must be a folder'),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(', ')}`),
} satisfies Record<string, z.ZodType>;

export type VariableName = keyof typeof variables;
export type Values = { [Name in VariableName]?: z.output<(typeof variables)[Name]> };

/** The variables that say something, right or wrong. An empty one counts as absent. */
export type Given = ReadonlySet<VariableName>;

/** Reads every variable on its own. A wrong one is a fault and has no value. */
export function readVariables(env: NodeJS.ProcessEnv): { values: Values; given: Given; faults: string[] } {
  const values: Record<string, unknown> = {};
  const given = new Set<VariableName>();
  const faults: string[] = [];
  for (const [name, rule] of Object.entries(variables)) {
    const text = env[name]?.trim();
    if (!text) continue;
    given.add(name as VariableName);
    const read = rule.safeParse(text);
    if (read.success) values[name] = read.data;
    else faults.push(...read.error.issues.map((issue) => `${name} ${issue.message}`));
  }
  return { values: values as Values, given, faults };
}

function address(protocols: string[], example: string) {
  const rule = (text: string) => URL.canParse(text) && protocols.includes(new URL(text).protocol);
  return z.string().refine(rule, `must look like ${example}`);
}

/** An http or https address without query or login; it comes out without its trailing slash. */
function webAddress() {
  return z.string().transform((text, ctx) => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const isPlain = url && !url.search && !url.hash && !url.username && !url.password;
    if (isPlain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '');
    return fault(ctx, 'must be an address like https://digest.example.org, without query or password');
  });
}

function whole(min: number, max: number) {
  return z.string().transform((text, ctx) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    return fault(ctx, `must be a whole number from ${min} to ${max}`);
  });
}

function readRate(text: string, ctx: z.RefinementCtx): number {
  const value = /^\d{1,4}(\.\d{1,6})?$/.test(text) ? Number(text) : NaN;
  if (value > 0 && value <= 1000) return value;
  return fault(ctx, 'must be a number of requests per second above 0, at most 1000');
}

function readDailyCap(text: string, ctx: z.RefinementCtx): DailyCap {
  const rampFrom = /^ramp:(.*)$/.exec(text)?.[1];
  if (rampFrom !== undefined && isDate(rampFrom)) return { rampFrom };
  const mails = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (mails >= 1 && mails <= dailyCapMax) return { mails };
  return fault(
    ctx,
    `must be a whole number from 1 to ${dailyCapMax}, or ramp: and the date it began, like ramp:2026-11-26`,
  );
}

function isMailbox(text: string): boolean {
  return bareAddress.test(namedAddress.exec(text)?.[1] ?? text);
}

function readKeyRing(text: string, ctx: z.RefinementCtx): KeyRing {
  const keys: SigningKey[] = [];
  for (const entry of text.split(',')) {
    const [id, encoded] = entry.trim().split(':', 2);
    const secret = readKey(encoded ?? '');
    if (!id || !/^[A-Za-z0-9]{1,16}$/.test(id) || !secret) {
      return fault(
        ctx,
        'must be id:base64, comma-separated, newest first: ids of 1 to 16 letters and digits, at least 16 bytes each',
      );
    }
    if (keys.some((key) => key.id === id)) return fault(ctx, 'names the same key id twice');
    keys.push({ id, secret });
  }
  return keys as unknown as KeyRing;
}

function readSuppressionKey(text: string, ctx: z.RefinementCtx): Buffer {
  return readKey(text) ?? fault(ctx, `must be base64 of at least ${keyBytesMin} bytes`);
}

function readKey(text: string): Buffer | undefined {
  const bytes = base64.test(text) ? Buffer.from(text, 'base64') : undefined;
  return bytes && bytes.length >= keyBytesMin ? bytes : undefined;
}

function readWebhookSecrets(text: string, ctx: z.RefinementCtx): string[] {
  const secrets = text.split(',').map((secret) => secret.trim());
  const isSecret = (secret: string) => secret.startsWith('whsec_') && readKey(secret.slice(6)) !== undefined;
  if (secrets.every(isSecret)) return secrets;
  return fault(ctx, 'must be whsec_ followed by base64, as Resend shows it; several are comma-separated');
}

function readMailServer(text: string, ctx: z.RefinementCtx): SmtpServer {
  const read = readSmtpUrl(text);
  return 'fault' in read ? fault(ctx, read.fault) : read.server;
}

function readSources(text: string, ctx: z.RefinementCtx): string[] {
  const sources = [...new Set(text.split(',').map((source) => source.trim()))];
  if (sources.every((source) => source === 'huggingface' || arxivSource.test(source))) return sources;
  return fault(
    ctx,
    'names a source we do not know; it takes huggingface and arxiv:cs.LG+cs.CV, comma-separated',
  );
}

function fault(ctx: z.RefinementCtx, message: string): never {
  ctx.addIssue({ code: 'custom', message });
  return z.NEVER;
}
