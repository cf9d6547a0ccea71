import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { ConfigError, loadConfig, readEnvironment } from '../src/config.ts';
import { variables } from '../src/environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'broadsheet-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const key = Buffer.alloc(32, 7).toString('base64');
const local = { BROADSHEET_DATA_DIR: folder };
const real = {
  ...local,
  DATABASE_URL: 'postgres://broadsheet:pass@db.example.org/broadsheet',
  RESEND_API_KEY: 're_123',
  RESEND_WEBHOOK_SECRET: `whsec_${key}`,
  SECRET_KEYS: `b2:${key},a1:${key}`,
  SUPPRESSION_KEY: key,
  OPERATOR_PASSWORD: 'a good one',
  MAIL_FROM: 'Broadsheet <digest@example.org>',
  MAIL_POSTAL_ADDRESS: '1 Example Street, 10115 Berlin',
  PUBLIC_URL: 'https://digest.example.org/',
};

const { RESEND_API_KEY: _key, RESEND_WEBHOOK_SECRET: _secret, ...smtp } = real;

describe('with nothing configured', () => {
  test('mail stays on this machine, and everything listens on loopback', () => {
    const config = loadConfig(local);
    expect(config).toMatchObject({
      local: true,
      transport: 'mailbox',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: 'http://localhost:3000',
      sources: ['huggingface'],
      dataDir: folder,
    });
    expect(config.webhookSecrets[0]).toMatch(/^whsec_/);
  });

  test('secrets are made once and are the same at the next start', () => {
    expect(loadConfig(local)).toEqual(loadConfig(local));
  });

  test('who has lost the password is told where it stands', () => {
    expect(loadConfig(local).operatorPasswordFile).toBe(join(folder, 'secrets.json'));
    expect(loadConfig({ ...local, OPERATOR_PASSWORD: 'mine' }).operatorPasswordFile).toBeUndefined();
  });

  test('an empty variable counts as absent', () => {
    expect(loadConfig({ ...local, DATABASE_URL: '', RESEND_API_KEY: ' ', PORT: '' }).transport).toBe(
      'mailbox',
    );
  });

  test('the links follow the port', () => {
    expect(loadConfig({ ...local, PORT: '4000' }).publicUrl).toBe('http://localhost:4000');
  });
});

describe('an embedding model', () => {
  const model = { EMBEDDINGS_BASE_URL: 'http://127.0.0.1:8080/v1/', EMBEDDINGS_MODEL: 'small' };

  test('is off unless it is named, and needs an address and a name', () => {
    expect(loadConfig(local).embeddings).toBeUndefined();
    expect(loadConfig({ ...local, ...model }).embeddings).toEqual({
      baseUrl: 'http://127.0.0.1:8080/v1',
      model: 'small',
      apiKey: undefined,
    });
    for (const name of Object.keys(model)) {
      expect(() => loadConfig({ ...local, ...model, [name]: '' })).toThrow(`${name} is missing`);
    }
    expect(() => loadConfig({ ...local, EMBEDDINGS_API_KEY: 'k-1' })).toThrow('EMBEDDINGS_MODEL is missing');
  });
});

describe('which transport', () => {
  test('a database without a transport is refused: real readers never vanish into a mailbox', () => {
    const faults = faultsOf({ ...local, DATABASE_URL: real.DATABASE_URL });
    expect(faults[0]).toContain('say MAIL_TRANSPORT=mailbox');
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'RESEND_API_KEY',
      'SECRET_KEYS',
      'SUPPRESSION_KEY',
      'OPERATOR_PASSWORD',
      'MAIL_FROM',
      'MAIL_POSTAL_ADDRESS',
      'PUBLIC_URL',
      'RESEND_WEBHOOK_SECRET',
    ]);
  });

  test('a database with MAIL_TRANSPORT=mailbox needs nothing else', () => {
    const config = loadConfig({ ...local, DATABASE_URL: real.DATABASE_URL, MAIL_TRANSPORT: 'mailbox' });
    // There is no introduction then: that it waits, or has started, is said by the log alone.
    expect([config.logLevel, loadConfig(local).logLevel]).toEqual(['info', 'error']);
    expect(config).toMatchObject({ local: false, transport: 'mailbox' });
  });

  test('the mailbox wins over a key that is set as well', () => {
    expect(loadConfig({ ...real, MAIL_TRANSPORT: 'mailbox' })).toMatchObject({
      transport: 'mailbox',
      resend: undefined,
    });
  });

  test('the mailbox never listens beyond this machine', () => {
    expect(faultsOf({ ...local, HOST: '0.0.0.0' })).toEqual([
      expect.stringContaining('HOST must be 127.0.0.1'),
    ]);
    expect(loadConfig({ ...real, HOST: '0.0.0.0' }).host).toBe('0.0.0.0');
  });

  test('an SMTP server alone is one', () => {
    expect(loadConfig({ ...smtp, SMTP_URL: 'smtp://ada:p%40ss@mail.example.org' })).toMatchObject({
      transport: 'smtp',
      resend: undefined,
      smtp: { host: 'mail.example.org', port: 587, secure: false, auth: { user: 'ada', pass: 'p@ss' } },
    });
  });

  test('a key and an SMTP server without a word on which are refused', () => {
    expect(faultsOf({ ...real, SMTP_URL: 'smtp://mail.example.org' })).toEqual([
      expect.stringContaining('MAIL_TRANSPORT is missing'),
    ]);
  });
});

describe('with a mail server', () => {
  test('what it does not need is not demanded, everything else is', () => {
    expect(faultsOf({ ...local, MAIL_TRANSPORT: 'smtp' })).toEqual([
      expect.stringContaining('SMTP_URL is missing'),
      expect.stringContaining('SECRET_KEYS is missing'),
      expect.stringContaining('SUPPRESSION_KEY is missing'),
      expect.stringContaining('OPERATOR_PASSWORD is missing'),
      expect.stringContaining('MAIL_FROM is missing'),
      expect.stringContaining('MAIL_POSTAL_ADDRESS is missing'),
      expect.stringContaining('PUBLIC_URL is missing'),
    ]);
    const plain = { ...smtp, SMTP_URL: 'smtp://localhost:25', PUBLIC_URL: 'http://digest.example.org' };
    expect(faultsOf(plain)).toEqual([expect.stringContaining('PUBLIC_URL must start with https')]);
  });

  test('the key that signs is read at the start, or named as missing without its contents', () => {
    const keyFile = join(folder, 'dkim.pem');
    const url = `smtps://mail.example.org?dkim-domain=example.org&dkim-selector=bs1&dkim-key-file=${keyFile}`;
    expect(faultsOf({ ...smtp, SMTP_URL: url })).toEqual([expect.stringContaining('dkim-key-file')]);
    writeFileSync(keyFile, 'a secret that is no key');
    expect(faultsOf({ ...smtp, SMTP_URL: url }).join()).not.toContain('secret');
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    writeFileSync(keyFile, pem);
    expect(loadConfig({ ...smtp, SMTP_URL: url }).smtp?.dkim).toMatchObject({
      selector: 'bs1',
      privateKey: pem,
    });
  });
});

describe('with Resend', () => {
  test('a complete configuration is taken, deeply frozen', () => {
    const config = loadConfig(real);
    expect(config).toMatchObject({
      local: false,
      transport: 'resend',
      resend: { apiKey: 're_123', baseUrl: 'https://api.resend.com' },
      publicUrl: 'https://digest.example.org',
      operatorPasswordIsNew: false,
    });
    expect(config.keys.map(({ id }) => id)).toEqual(['b2', 'a1']);
    expect(() => Object.assign(config.mail, { from: 'x' })).toThrow(TypeError);
  });

  test('everything that is missing is named at once', () => {
    const faults = faultsOf({
      ...local,
      RESEND_API_KEY: 're_123',
      PORT: 'many',
      PUBLIC_URL: 'http://example.org',
    });
    const demanded = [
      'SECRET_KEYS',
      'SUPPRESSION_KEY',
      'OPERATOR_PASSWORD',
      'MAIL_FROM',
      'MAIL_POSTAL_ADDRESS',
    ];
    for (const name of [...demanded, 'RESEND_WEBHOOK_SECRET', 'PORT', 'PUBLIC_URL']) {
      expect(faults.filter((fault) => fault.startsWith(`${name} `))).toHaveLength(1);
    }
    expect(faults).toHaveLength(8);
  });

  test('a stand-in on this machine needs no https and no webhook secret, but all else', () => {
    const { RESEND_WEBHOOK_SECRET: _, ...others } = real;
    const rehearsal = {
      ...others,
      RESEND_BASE_URL: 'http://127.0.0.1:4010/',
      PUBLIC_URL: 'http://localhost:3000',
    };
    expect(loadConfig(rehearsal).resend?.baseUrl).toBe('http://127.0.0.1:4010');
    expect(faultsOf({ ...rehearsal, SECRET_KEYS: '' })).toEqual([
      expect.stringContaining('SECRET_KEYS is missing'),
    ]);
  });

  test('the key never travels in clear to another machine', () => {
    expect(faultsOf({ ...real, RESEND_BASE_URL: 'http://api.example.org' })).toEqual([
      expect.stringContaining('RESEND_BASE_URL must start with https'),
    ]);
  });
});

describe('wrong values', () => {
  test.each([
    ['DATABASE_URL', 'mysql://db'],
    ['REDIS_URL', 'localhost:6379'],
    ['MAIL_TRANSPORT', 'pigeon'],
    ['RESEND_WEBHOOK_SECRET', key],
    ['RESEND_WEBHOOK_SECRET', `whsec_${key},`],
    ['MAIL_FROM', 'Broadsheet'],
    ['MAIL_FROM', 'Broadsheet <digest@example.org>\r\nBcc: all@example.org'],
    ['MAIL_FROM', 'One <one@example.org>, Two <two@example.org>'],
    ['MAIL_REPLY_TO', 'nobody'],
    ['PUBLIC_URL', 'digest.example.org'],
    ['PUBLIC_URL', 'https://digest.example.org/?a=1'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['SECRET_KEYS', key],
    ['SECRET_KEYS', `a_1:${key}`],
    ['SECRET_KEYS', `a1:${key},a1:${key}`],
    ['SECRET_KEYS', 'a1:dG9vIHNob3J0'],
    ['SUPPRESSION_KEY', 'not base64!'],
    ['PAPER_SOURCES', 'huggingface,medium'],
    ['PAPER_SOURCES', 'arxiv:'],
    ['MAIL_RATE_PER_SECOND', '0'],
    ['MAIL_RATE_PER_SECOND', 'fast'],
    ['MAIL_DAILY_CAP', '1.5'],
    ['MAIL_DAILY_CAP', '0'],
    ['MAIL_DAILY_CAP', 'ramp'],
    ['MAIL_DAILY_CAP', 'ramp:2026-02-30'],
    ['LOG_LEVEL', 'loud'],
  ])('%s=%s is one fault', (name, value) => {
    const faults = faultsOf({ ...real, [name]: value });
    expect(faults).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
  });

  test('no fault repeats a value: it may be a secret in the wrong place', () => {
    const names = fc.constantFrom(...Object.keys(variables));
    const secrets = fc.stringMatching(/^[!-~]{12,40}$/);
    fc.assert(
      fc.property(names, secrets, (name, secret) => {
        const faults = faultsOf({ ...local, ...real, [name]: secret, BROADSHEET_DATA_DIR: folder });
        expect(faults.join('\n')).not.toContain(secret);
      }),
    );
  });
});

test('several sources are taken in order, each once', () => {
  const { sources } = loadConfig({
    ...local,
    PAPER_SOURCES: 'arxiv:cs.LG+cs.CV, huggingface,arxiv:cs.LG+cs.CV',
  });
  expect(sources).toEqual(['arxiv:cs.LG+cs.CV', 'huggingface']);
});

describe('the .env of the working directory', () => {
  const before = process.cwd();
  afterEach(() => process.chdir(before));

  test('adds to the environment and never overrides it', () => {
    const there = mkdtempSync(join(folder, 'env-'));
    writeFileSync(
      join(there, '.env'),
      `PATH=/nowhere\nMAIL_FROM="Broadsheet <digest@example.org>" # a comment\n`,
    );
    process.chdir(there);
    const env = readEnvironment();
    expect(env['MAIL_FROM']).toBe('Broadsheet <digest@example.org>');
    expect(env['PATH']).toBe(process.env['PATH']);
  });

  test('that cannot be read is a fault', () => {
    const there = mkdtempSync(join(folder, 'env-'));
    mkdirSync(join(there, '.env'));
    process.chdir(there);
    expect(() => readEnvironment()).toThrow(ConfigError);
  });
});

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}
