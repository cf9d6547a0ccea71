import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { doctorCommand } from '../../src/commands/doctor.ts';
import { openPool } from '../../src/db/connect.ts';
import { examineDatabase } from '../../src/doctor/database.ts';
import { examineDisk } from '../../src/doctor/disk.ts';
import { examineSender, resendSigning, serverSigning } from '../../src/doctor/dns.ts';
import { examine } from '../../src/doctor/examine.ts';
import { examineTransport, senderDomain } from '../../src/doctor/mail.ts';
import { examineQueue } from '../../src/doctor/queue.ts';
import { examineWeb } from '../../src/doctor/web.ts';
import { loadConfig } from '../../src/config.ts';
import { runCommand } from '../support/command.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { openTestRedis } from '../support/redis.ts';

const states = (checks: readonly { name: string; state: string }[]) =>
  Object.fromEntries(checks.map(({ name, state }) => [name, state]));

describe('the database', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await openTestDatabase()));
  afterAll(() => database.close());

  test('one that is well is well, and a scheduler that never ticked is said', async () => {
    const checks = await examineDatabase(database.pool);
    expect(states(checks)).toMatchObject({ database: 'ok', schema: 'ok', clock: 'ok', scheduler: 'warn' });
    await database.pool.query('update broadsheet.installation set scheduler_ticked_at = now()');
    expect(states(await examineDatabase(database.pool))).toMatchObject({ scheduler: 'ok' });
    await database.pool.query(
      `update broadsheet.installation set scheduler_ticked_at = now() - interval '1 hour'`,
    );
    expect(states(await examineDatabase(database.pool))).toMatchObject({ scheduler: 'warn' });
  });

  test.each([
    [10_000, 'warn', / (?:[89]|1[01])\d{3} ms/],
    [-3_600_000, 'fail', / (?:359|360)\d{4} ms/],
  ])('a clock that is %i ms off is a %s', async (offMs, state, seconds) => {
    const checks = await examineDatabase(database.pool, () => Date.now() + offMs);
    const clock = checks.find(({ name }) => name === 'clock')!;
    expect(clock.state).toBe(state);
    // A busy machine takes a moment to ask, so the answer is not to the second.
    expect(clock.says).toMatch(seconds);
    expect(clock.says).toContain(offMs > 0 ? 'behind' : 'ahead');
  });

  test('an empty one and one that is not there fail, with what to do', async () => {
    const empty = await openTestDatabase({ migrated: false });
    const checks = await examineDatabase(empty.pool);
    expect(checks.find(({ name }) => name === 'schema')).toMatchObject({ state: 'fail' });
    expect(checks.find(({ name }) => name === 'schema')!.says).toContain('migrate');
    await empty.close();
    const away = openPool('postgres://nobody:sesame@127.0.0.1:1/none', { max: 1, applicationName: 'test' });
    const [only, ...others] = await examineDatabase(away);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ name: 'database', state: 'fail' });
    expect(only!.says).not.toContain('sesame');
    await away.end();
  });
});

describe('the queue', () => {
  test('in Postgres there is nothing more to look at', async () => {
    expect(await examineQueue(undefined)).toMatchObject([{ name: 'queue', state: 'ok' }]);
  });

  test('Redis: eviction fails, no persistence is worth a word, absence fails', async () => {
    const redis = await openTestRedis(['--maxmemory-policy', 'allkeys-lru']);
    if (!redis) return;
    const checks = await examineQueue(redis.redisUrl);
    expect(states(checks)).toEqual({ queue: 'ok', 'redis eviction': 'fail', 'redis persistence': 'warn' });
    await redis.ask((client) => client.config('SET', 'maxmemory-policy', 'noeviction', 'save', '60 1'));
    expect(states(await examineQueue(redis.redisUrl))).toEqual({
      queue: 'ok',
      'redis eviction': 'ok',
      'redis persistence': 'ok',
    });
    await redis.ask((client) => client.config('SET', 'requirepass', 'sesame'));
    const [locked] = await examineQueue(redis.redisUrl);
    expect(locked).toMatchObject({ state: 'fail' });
    expect(locked!.says).toMatch(/NOAUTH|authentication/i);
    await redis.close();
    expect(states(await examineQueue(redis.redisUrl))).toEqual({ queue: 'fail' });
  });
});

describe('the sender', () => {
  const answering = (zone: Record<string, string[] | string>) => ({
    async resolveTxt(name: string): Promise<string[][]> {
      const found = zone[name] ?? 'ENOTFOUND';
      if (typeof found === 'string') throw Object.assign(new Error('query failed'), { code: found });
      // Long records come in pieces.
      return found.map((text) => [text.slice(0, 20), text.slice(20)]);
    },
  });
  const well = {
    'send.mail.example.org': ['v=spf1 include:amazonses.com ~all', 'unrelated=1'],
    'resend._domainkey.mail.example.org': ['p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ'],
    '_dmarc.mail.example.org': ['v=DMARC1; p=none; rua=mailto:dmarc@example.org'],
  };
  const look = (zone: Record<string, string[] | string>) =>
    examineSender('mail.example.org', resendSigning('mail.example.org'), answering(zone)).then(states);

  test('with all three records is well', async () => {
    expect(await look(well)).toEqual({ spf: 'ok', dkim: 'ok', dmarc: 'ok' });
  });

  test('without any fails on each, and says which', async () => {
    expect(await look({})).toEqual({ spf: 'fail', dkim: 'fail', dmarc: 'fail' });
  });

  test.each([
    [
      'two SPF records',
      { 'send.mail.example.org': ['v=spf1 ~all', 'v=spf1 include:amazonses.com ~all'] },
      { spf: 'fail' },
    ],
    [
      'SPF for everybody',
      { 'send.mail.example.org': ['v=spf1 include:amazonses.com +all'] },
      { spf: 'fail' },
    ],
    [
      'SPF of another service',
      { 'send.mail.example.org': ['v=spf1 include:other.example ~all'] },
      { spf: 'warn' },
    ],
    ['a key that was revoked', { 'resend._domainkey.mail.example.org': ['v=DKIM1; p='] }, { dkim: 'fail' }],
    [
      'DMARC without a policy',
      { '_dmarc.mail.example.org': ['v=DMARC1; rua=mailto:a@example.org'] },
      { dmarc: 'fail' },
    ],
    ['name servers that do not answer', { 'send.mail.example.org': 'ETIMEOUT' }, { spf: 'warn' }],
  ])('%s', async (_, changes, expected) => {
    expect(await look({ ...well, ...(changes as Record<string, string[] | string>) })).toMatchObject(
      expected,
    );
  });

  test('DMARC of the domain above counts', async () => {
    const { '_dmarc.mail.example.org': record, ...rest } = well;
    expect(await look({ ...rest, '_dmarc.example.org': record })).toMatchObject({ dmarc: 'ok' });
  });

  test('a mail server of one’s own: SPF of the domain, DKIM where we sign and otherwise not judged', async () => {
    const zone = answering({
      'example.org': ['v=spf1 mx -all'],
      'k1._domainkey.example.org': ['v=DKIM1; k=rsa; p=MIGf'],
      '_dmarc.example.org': ['v=DMARC1; p=reject'],
    });
    const signing = serverSigning('example.org', { domain: 'example.org', selector: 'k1' });
    expect(states(await examineSender('example.org', signing, zone))).toEqual({
      spf: 'ok',
      dkim: 'ok',
      dmarc: 'ok',
    });
    const unknown = await examineSender('example.org', serverSigning('example.org'), zone);
    expect(states(unknown)).toEqual({ spf: 'ok', dkim: 'warn', dmarc: 'ok' });
  });

  test('its domain is found in any form of MAIL_FROM', () => {
    expect(senderDomain('Broadsheet <digest@Mail.Example.org>')).toBe('mail.example.org');
    expect(senderDomain('digest@example.org')).toBe('example.org');
  });
});

describe('over HTTP', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  /** Answers each `METHOD /path` as told, and 404 otherwise. */
  async function listen(answers: Record<string, [number, object | string]>): Promise<string> {
    server = createServer((request, response) => {
      const [status, body] = answers[`${request.method} ${request.url}`] ?? [404, 'nothing here'];
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  const configured = (resendUrl: string, publicUrl = 'http://127.0.0.1:1') =>
    loadConfig({
      DATABASE_URL: 'postgres://b@127.0.0.1:1/b',
      RESEND_API_KEY: 're_1',
      RESEND_BASE_URL: resendUrl,
      MAIL_FROM: 'Broadsheet <digest@mail.example.org>',
      MAIL_POSTAL_ADDRESS: '1 Example Street',
      PUBLIC_URL: publicUrl,
      SECRET_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
      SUPPRESSION_KEY: Buffer.alloc(32).toString('base64'),
      OPERATOR_PASSWORD: 'pw',
    });

  const domains = (status: string, name = 'mail.example.org') => ({
    data: [{ name, status }],
    has_more: false,
  });
  test.each([
    ['a good key and a verified domain', 200, domains('verified'), 'ok'],
    ['a domain that is pending', 200, domains('pending'), 'fail'],
    ['a domain of somebody else', 200, domains('verified', 'other.example'), 'fail'],
    ['a key that may only send', 401, { name: 'restricted_api_key' }, 'ok'],
    ['a key that is not known', 400, { name: 'validation_error' }, 'fail'],
    ['a suspended key', 403, { name: 'suspended_api_key' }, 'fail'],
    ['a gateway in trouble', 502, '<html>bad gateway</html>', 'warn'],
  ])('Resend with %s', async (_, status, body, state) => {
    const url = await listen({ 'GET /domains': [status, body] });
    const check = await examineTransport(configured(url));
    expect(check.state).toBe(state);
    expect(check.says).not.toContain('re_1');
  });

  test('Resend out of reach is said, and not called wrong', async () => {
    expect(await examineTransport(configured('http://127.0.0.1:1'))).toMatchObject({ state: 'warn' });
  });

  test('the pages and the webhook of a running Broadsheet are found', async () => {
    const url = await listen({
      'GET /healthz': [200, { status: 'ok' }],
      'POST /webhooks/resend': [401, { error: 'no signature' }],
    });
    expect(states(await examineWeb(configured(url, url)))).toEqual({ web: 'ok', webhook: 'ok' });
  });

  test('a proxy that keeps POST away, or leads to something else, fails', async () => {
    const url = await listen({ 'GET /healthz': [200, { status: 'ok' }] });
    expect(states(await examineWeb(configured(url, url)))).toEqual({ web: 'ok', webhook: 'fail' });
    server!.close();
    const other = await listen({ 'GET /healthz': [200, '<html>parked</html>'] });
    expect(states(await examineWeb(configured(other, other)))).toEqual({ web: 'fail' });
    expect(states(await examineWeb(configured(other)))).toEqual({ web: 'warn' });
  });
});

describe('as a whole', () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'broadsheet-doctor-'))));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('every check has a name, a state and something to say', async () => {
    const database = await openTestDatabase();
    const config = loadConfig({
      DATABASE_URL: database.databaseUrl,
      MAIL_TRANSPORT: 'mailbox',
      BROADSHEET_DATA_DIR: join(folder, 'data'),
      PUBLIC_URL: 'http://127.0.0.1:1',
    });
    const checks = await examine(config);
    await database.close();
    expect(checks[0]).toMatchObject({ name: 'configuration', state: 'ok' });
    expect(states(checks)).toMatchObject({ database: 'ok', queue: 'ok', mail: 'ok', web: 'warn' });
    for (const { says } of checks) expect(says).toMatch(/\S/);
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  });

  test('a rehearsal against a stand-in on this machine is not judged by the DNS', async () => {
    const resolver = { resolveTxt: (name: string) => Promise.reject(new Error(`asked for ${name}`)) };
    const config = loadConfig({
      DATABASE_URL: 'postgres://b@127.0.0.1:1/b',
      RESEND_API_KEY: 're_1',
      RESEND_BASE_URL: 'http://127.0.0.1:1',
      MAIL_FROM: 'digest@mail.example.org',
      MAIL_POSTAL_ADDRESS: '1 Example Street',
      PUBLIC_URL: 'http://127.0.0.1:1',
      SECRET_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
      SUPPRESSION_KEY: Buffer.alloc(32).toString('base64'),
      OPERATOR_PASSWORD: 'pw',
      BROADSHEET_DATA_DIR: join(folder, 'data'),
    });
    const checks = await examine(config, resolver);
    expect(states(checks)).toMatchObject({ sender: 'warn' });
    expect(states(checks)).not.toHaveProperty('spf');
  });

  test('the command prints one JSON object and ends with 1 where something fails', async () => {
    const env = {
      DATABASE_URL: 'postgres://b:sesame@127.0.0.1:1/b',
      MAIL_TRANSPORT: 'mailbox',
      PUBLIC_URL: 'http://127.0.0.1:1',
    };
    const { code, stdout } = await runCommand(doctorCommand, ['--json'], { cwd: folder, env });
    expect(code).toBe(1);
    const printed = JSON.parse(stdout) as { ok: boolean; checks: { name: string; state: string }[] };
    expect(printed.ok).toBe(false);
    expect(states(printed.checks)).toMatchObject({ configuration: 'ok', database: 'fail' });
    expect(stdout).not.toContain('sesame');
  });

  test('a wrong configuration is told in the same shape, and ends with 78', async () => {
    const env = { DATABASE_URL: 'nonsense', PORT: 'x' };
    const { code, stdout } = await runCommand(doctorCommand, ['--json'], { cwd: folder, env });
    expect(code).toBe(78);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; says: string }[] };
    expect(checks.map(({ name }) => name)).toEqual(checks.map(() => 'configuration'));
    expect(checks.map(({ says }) => says).join(' ')).toMatch(/DATABASE_URL.*PORT/);
  });

  test('a disk is measured where the data folder will be', async () => {
    const check = await examineDisk(join(folder, 'not', 'yet', 'there'));
    expect(check.says).toMatch(/GiB free/);
  });
});
