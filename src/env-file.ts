import { randomBytes } from 'node:crypto';

/** One question of `broadsheet init`. */
export interface Asked {
  variable: string;
  /** Its option, for answering without a terminal. */
  option: string;
  asks: string;
  /** Whether it is worth asking after these answers; left out: always. */
  matters?: (answers: Readonly<Record<string, string>>) => boolean;
}

const isMailed = (answers: Readonly<Record<string, string>>) =>
  Boolean(answers['RESEND_API_KEY'] ?? answers['SMTP_URL']);

/** In the order in which they are asked. */
export const questions: readonly Asked[] = [
  {
    variable: 'DATABASE_URL',
    option: 'database-url',
    asks: 'Where is your Postgres (15 or newer)? Empty: one is embedded, for a trial on this machine.',
  },
  {
    variable: 'REDIS_URL',
    option: 'redis-url',
    asks: 'Where is your Redis? Empty: the queues live in Postgres, which does for one machine.',
  },
  {
    variable: 'RESEND_API_KEY',
    option: 'resend-api-key',
    asks: 'Your API key at Resend? Empty: not Resend.',
  },
  {
    variable: 'SMTP_URL',
    option: 'smtp-url',
    asks: 'Your mail server, like smtp://name:password@host:587? Empty: mail stays in the mailbox on this machine.',
    matters: (answers) => !answers['RESEND_API_KEY'],
  },
  {
    variable: 'RESEND_WEBHOOK_SECRET',
    option: 'resend-webhook-secret',
    asks: "The secret of Resend's webhook (whsec_…)? Empty: later; no bounce is heard of without it.",
    matters: (answers) => Boolean(answers['RESEND_API_KEY']),
  },
  {
    variable: 'MAIL_FROM',
    option: 'from',
    asks: 'Who sends, like Broadsheet <digest@mail.example.org>?',
    matters: isMailed,
  },
  {
    variable: 'MAIL_POSTAL_ADDRESS',
    option: 'postal-address',
    asks: 'The postal address for the foot of each mail? The law of most countries wants one.',
    matters: isMailed,
  },
  {
    variable: 'PUBLIC_URL',
    option: 'public-url',
    asks: 'Where will readers reach it, like https://papers.example.org?',
    matters: isMailed,
  },
  {
    variable: 'OPERATOR_EMAIL',
    option: 'operator-email',
    asks: 'Whom should it tell of trouble? An address, or empty.',
    matters: isMailed,
  },
];

/** Secrets nobody has to think up. The operator's password may be changed at will; the others must be kept. */
export function freshSecrets(): Record<'SECRET_KEYS' | 'SUPPRESSION_KEY' | 'OPERATOR_PASSWORD', string> {
  return {
    SECRET_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    SUPPRESSION_KEY: randomBytes(32).toString('base64'),
    OPERATOR_PASSWORD: randomBytes(15).toString('base64url'),
  };
}

/** For the Postgres of docker-compose.yml, which puts it into a URL: hexadecimal, so that it needs no escapes. */
export function freshPostgresPassword(): string {
  return randomBytes(24).toString('hex');
}

/** The text of a `.env`, quoted so that Node, Docker Compose and systemd read the same values. Throws where that cannot be. */
export function composeEnvFile(values: Readonly<Record<string, string>>): string {
  const isStaying = values['DATABASE_URL'] && !values['RESEND_API_KEY'] && !values['SMTP_URL'];
  const all = isStaying ? { ...values, MAIL_TRANSPORT: 'mailbox' } : values;
  const lines = Object.entries(all).map(([name, value]) => `${name}=${quoted(name, value)}`);
  return [
    '# Written by `broadsheet init`. README.md says what each is for.',
    '# Never change SUPPRESSION_KEY. Add new SECRET_KEYS in front, and keep the old ones.',
    ...lines,
    '',
  ].join('\n');
}

/**
 * Single quotes: none of the three readers expands anything in them. A value with such a quote takes double ones, unless
 * one of the readers would change it there. Throws where no way is safe.
 */
function quoted(name: string, value: string): string {
  if (/^[A-Za-z0-9_.:/@+=,-]*$/.test(value)) return value;
  if (!value.includes("'")) return `'${value}'`;
  if (!/["$\\`]/.test(value)) return `"${value}"`;
  throw new Error(
    `${name} has a ' beside one of " $ \\ \`, which no .env can hold. Write ’ in its place, or %27 in a URL.`,
  );
}
