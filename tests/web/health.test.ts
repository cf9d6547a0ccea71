import { createServer } from 'node:net';
import { once } from 'node:events';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listenWeb } from '../../src/web/listen.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { openSite, type Site, tokenFor } from './site.ts';

let ctx: TestContext;
let site: Site;

beforeAll(async () => {
  ctx = await openTestContext({ delivers: false });
  site = openSite(ctx);
});
afterAll(() => ctx.close());

async function ready(over: Partial<TestContext> = {}): Promise<[number, unknown]> {
  const { status, body } = await openSite({ ...ctx, ...over }).get('/readyz');
  return [status, JSON.parse(body)];
}

async function tick(interval: string): Promise<void> {
  await sql`update installation set scheduler_ticked_at = now() - ${interval}::interval`.execute(ctx.db);
}

test('healthz says ok without asking the database', async () => {
  const db = new Proxy(ctx.db, { get: () => expect.fail('The database was asked.') });
  const { status, body } = await openSite({ ...ctx, db, pool: db as never }).get('/healthz');
  expect([status, JSON.parse(body)]).toEqual([200, { status: 'ok' }]);
});

test('readyz is ready while the scheduler ticks, and says what is wrong when it does not', async () => {
  const never = 'No scheduler has ticked yet. Start one: `start --roles scheduler,workers`.';
  expect(await ready()).toEqual([503, { status: 'not ready', faults: [never] }]);
  await tick('90 seconds');
  expect(await ready()).toEqual([200, { status: 'ready' }]);
  await tick('3 minutes');
  const late = 'The scheduler last ticked 180 s ago; it should every 60 s.';
  expect(await ready()).toEqual([503, { status: 'not ready', faults: [late] }]);
});

test('readyz says that the database does not answer, and nothing about where it is', async () => {
  const pool = { connect: () => Promise.reject(new Error('connect ECONNREFUSED db.internal:5432')) };
  const answer = await ready({ pool: pool as never });
  expect(answer).toEqual([503, { status: 'not ready', faults: ['The database does not answer.'] }]);
});

test('readyz says that the queues do not answer', async () => {
  await tick('10 seconds');
  const away = { getJobCountByTypes: () => Promise.reject(new Error('connect ECONNREFUSED redis.internal')) };
  const answer = await ready({ queues: { ...ctx.queues, queue: () => away as never } });
  const fault = 'The queues do not answer; they live in Postgres.';
  expect(answer).toEqual([503, { status: 'not ready', faults: [fault] }]);
});

test('readyz refuses a schema that is not ours', async () => {
  await sql`insert into kysely_migration (name, timestamp) values ('9999_later', '2030-01-01')`.execute(
    ctx.db,
  );
  const [status, said] = await ready();
  expect([status, JSON.stringify(said)]).toEqual([503, expect.stringContaining('newer than this release')]);
  await sql`delete from kysely_migration where name = '9999_later'`.execute(ctx.db);
});

test('a page that fails says sorry, and the log has the path without its token', async () => {
  const lines: unknown[] = [];
  const log = {
    ...ctx.log,
    error: (...line: unknown[]) => lines.push(line),
    debug: (line: unknown) => lines.push(line),
  };
  const token = tokenFor(ctx, 'preferences', 1);
  const db = new Proxy(ctx.db, { get: () => expect.fail('broken') });
  const answer = await openSite({ ...ctx, db, log: log as never }).get(`/preferences/${token}?x=${token}`);
  expect([answer.status, answer.title]).toEqual([500, 'Sorry']);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(lines).toHaveLength(2);
  expect(JSON.stringify(lines)).toContain('/preferences/…');
  expect(JSON.stringify(lines)).not.toContain(token);
});

test('the mailbox is mounted where it carries the mail, and only for this machine', async () => {
  expect((await site.get('/mailbox')).status).toBe(403);
  const { inbox: _, ...without } = ctx;
  expect((await openSite({ ...without, inbox: undefined }).get('/mailbox')).status).toBe(404);
});

test('the mails with sample content are shown on request only', async () => {
  expect((await site.get('/dev/mails')).status).toBe(404);
  const preview = openSite(ctx, { preview: true });
  const { body } = await preview.get('/dev/mails');
  const links = [...body.matchAll(/href="(\/dev\/mails\/[^"]+)"/g)].map((found) => found[1]!);
  expect(links.length).toBeGreaterThanOrEqual(6);
  for (const link of links) expect((await preview.get(link)).status).toBe(200);
  expect((await preview.get('/dev/mails/none')).status).toBe(404);
});

test('it listens, answers the mailbox on loopback, and closes', async () => {
  const config = { ...ctx.config, port: 0 };
  const web = await listenWeb({ ...ctx, config });
  const base = `http://127.0.0.1:${web.port}`;
  const [health, mailbox] = await Promise.all([fetch(`${base}/healthz`), fetch(`${base}/mailbox`)]);
  expect([health.status, mailbox.status]).toEqual([200, 200]);
  await Promise.all([health.text(), mailbox.text()]);
  await web.close();
  await expect(fetch(`${base}/healthz`)).rejects.toThrow('fetch failed');
});

test('a port that is taken is said with the variable to change', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const listening = listenWeb({ ...ctx, config: { ...ctx.config, port } });
  await expect(listening).rejects.toThrow(`Port ${port} is taken by another program`);
  await expect(listening).rejects.toThrow('set PORT to a free port');
  other.close();
});
