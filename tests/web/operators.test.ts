import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { haltGate, readGate, takeTurn } from '../../src/db/gates.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { elements, openSite, readState, type Site, textOf } from './site.ts';

let ctx: TestContext;
let site: Site;

const browser = { accept: 'text/html' };
const basic = { authorization: `Basic ${Buffer.from('anyone:only for tests').toString('base64')}` };
const own = { origin: 'http://localhost:3000' };

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z' });
  await seedDay(ctx, '2026-03-19', 5);
  await seedReaders(ctx, 2);
  await seedReaders(ctx, 1, { name: 'poet', topics: ['medieval poetry'] });
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  await ctx.db.updateTable('installation').set({ scheduler_ticked_at: new Date() }).execute();
});
afterAll(() => ctx.close());
beforeEach(() => void (site = openSite(ctx)));

async function login(): Promise<Record<string, string>> {
  const answer = await site.post('/operators/login', { password: 'only for tests' }, own);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/operators']);
  return { ...own, cookie: answer.headers.get('set-cookie')!.split(';')[0]! };
}

test('without the password there is a form, and no word of what is behind it', async () => {
  for (const path of [
    '/operators',
    '/operators/',
    '/operators/queues',
    '/operators/queues/api/queues',
    '/operators/x',
  ]) {
    const { status, body } = await site.get(path, browser);
    expect(status).toBe(401);
    expect(elements(body, 'form')).toEqual([{ method: 'post', action: '/operators/login' }]);
    expect(body).not.toContain('edition');
  }
});

test('the password opens a session: a cookie for these pages only, hidden from scripts, of twelve hours', async () => {
  const answer = await site.post(
    '/operators/login',
    { password: 'only for tests', next: '/operators/queues' },
    own,
  );
  expect(answer.headers.get('location')).toBe('/operators/queues');
  const cookie = answer.headers.get('set-cookie')!;
  expect(cookie).toMatch(
    /^operator=\d+\.[\w-]{43}; Max-Age=43200; Path=\/operators; HttpOnly; SameSite=Strict$/,
  );
  expect((await site.get('/operators', { cookie: cookie.split(';')[0]! })).status).toBe(200);
});

test('behind https the cookie is for https only', async () => {
  const secure = openSite({ ...ctx, config: { ...ctx.config, publicUrl: 'https://broadsheet.example' } });
  const answer = await secure.post('/operators/login', { password: 'only for tests' });
  expect(answer.headers.get('set-cookie')).toContain('; Secure');
  expect(answer.headers.get('strict-transport-security')).toMatch(/^max-age=\d+$/);
});

test('a session that is forged, outlived, or of another password opens nothing', async () => {
  const { cookie } = await login();
  const [expires, proof] = cookie!.slice('operator='.length).split('.');
  for (const value of [
    `${Number(expires) + 1}.${proof}`,
    `${expires}.${'A'.repeat(43)}`,
    `1.${proof}`,
    'x',
    '',
  ]) {
    expect((await site.get('/operators', { cookie: `operator=${value}` })).status).toBe(401);
  }
  const changed = openSite({ ...ctx, config: { ...ctx.config, operatorPassword: 'another' } });
  expect((await changed.get('/operators', { cookie: cookie! })).status).toBe(401);
});

test('programs come in with HTTP Basic, any name and the password', async () => {
  expect((await site.get('/operators', basic)).status).toBe(200);
  const wrong = await site.get('/operators', {
    authorization: `Basic ${Buffer.from('x:y').toString('base64')}`,
  });
  expect([wrong.status, wrong.headers.get('www-authenticate')]).toEqual([
    401,
    'Basic realm="Broadsheet operators"',
  ]);
});

test('after ten wrong passwords a network waits, even with the right one', async () => {
  for (let n = 0; n < 10; n++) {
    expect((await site.post('/operators/login', { password: `guess ${n}` }, own)).status).toBe(401);
  }
  const answer = await site.post('/operators/login', { password: 'only for tests' }, own);
  expect(answer.status).toBe(429);
  expect(textOf(answer.body)).toContain('Wait a minute');
  expect((await site.get('/operators', basic)).status).toBe(429);
});

test('a login leads to our own pages only', async () => {
  for (const next of [
    'https://evil.test/',
    '//evil.test',
    '/operators/../x',
    '/operators//evil.test\\',
    '/preferences/x',
  ]) {
    const answer = await site.post('/operators/login', { password: 'only for tests', next }, own);
    expect(answer.headers.get('location')).toBe('/operators');
  }
});

test('the page tells the day in a sentence, and every edition in a row', async () => {
  const { body, headers } = await site.get('/operators', basic);
  expect(headers.get('cache-control')).toBe('no-store');
  const text = textOf(body);
  expect(text).toContain(
    'Friday’s edition: 2 of 2 accepted, 0 delivered, 0 bounced, 1 skipped. Nothing needs you.',
  );
  const row = /<tr><th scope="row"><a[^>]*>Fri 2026-03-20.*?<\/tr>/s.exec(body)![0];
  expect(textOf(row)).toMatch(/^Fri 2026-03-20 3 2 0 0 0 1 nothing new 0 0 0 (open|closed)$/);
  expect(text).toContain('Thu 2026-03-19 Hugging Face 5 complete');
  expect(text).toContain('Subscribers 3 active, 0 unconfirmed');
});

test('outcomes that were reported are counted', async () => {
  await ctx.db
    .updateTable('digests')
    .set({ delivered_at: new Date() })
    .where('skipped', 'is', null)
    .where('position', '=', 0)
    .execute();
  expect(textOf((await site.get('/operators', basic)).body)).toContain(
    '2 of 2 accepted, 1 delivered, 0 bounced',
  );
});

test('halted mail is said in red, with the reason and a button that resumes it', async () => {
  await takeTurn(ctx.db, ctx.transport.identity, undefined);
  await haltGate(ctx.db, ctx.transport.identity, '401 <invalid_api_key>');
  const { body } = await site.get('/operators', basic);
  expect(textOf(/<b class="red">.*?<\/b>/s.exec(body)![0])).toBe(
    'All mail is halted: 401 <invalid_api_key>.',
  );
  expect(elements(body, 'form')[0]).toEqual({ class: 'act', method: 'post', action: '/operators/resume' });

  const resumed = await site.post('/operators/resume', {}, await login());
  expect([resumed.status, resumed.headers.get('location')]).toEqual([303, '/operators']);
  expect((await readGate(ctx.db, ctx.transport.identity)).haltedAt).toBeNull();
  expect((await site.get('/operators', basic)).body).not.toContain('/operators/resume');
});

test('a form from another site does nothing, whoever is logged in', async () => {
  const { cookie } = await login();
  await haltGate(ctx.db, ctx.transport.identity, 'test');
  for (const headers of [
    { origin: 'https://evil.test' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    expect((await site.post('/operators/resume', {}, { cookie: cookie!, ...headers })).status).toBe(403);
  }
  expect((await site.post('/operators/resume', {}, {})).status).toBe(401);
  expect((await readGate(ctx.db, ctx.transport.identity)).haltedAt).not.toBeNull();
  expect((await site.post('/operators/resume', {}, basic)).status).toBe(303);
});

test('leaving ends the session in the browser', async () => {
  const answer = await site.post('/operators/logout', {}, await login());
  expect(answer.headers.get('set-cookie')).toMatch(/^operator=; Max-Age=0; Path=\/operators/);
});

test('the queues’ board shows all six queues on this backend, and lets nobody touch them', async () => {
  await ctx.queues.add('plan', {});
  const board = await site.get('/operators/queues', basic);
  expect(board.status).toBe(200);
  expect(board.headers.get('content-security-policy')).toContain("script-src 'self'");
  const script = elements(board.body, 'script').find((one) => one['src'])!['src']!;
  expect((await site.get(`/operators/queues/${script}`, basic)).status).toBe(200);
  expect(elements(board.body, 'link').map((one) => one['href'])).not.toContainEqual(
    expect.stringMatching(/^https?:/),
  );

  const api = await site.get('/operators/queues/api/queues?activeQueue=plan&status=waiting', basic);
  const { queues } = JSON.parse(api.body) as {
    queues: { name: string; readOnlyMode: boolean; jobs: { name: string }[] }[];
  };
  expect(queues.map(({ name }) => name).toSorted()).toEqual([
    'compose',
    'deliver',
    'ingest',
    'plan',
    'sweep',
    'track',
  ]);
  expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
  expect(queues.find(({ name }) => name === 'plan')!.jobs.map(({ name }) => name)).toContain('plan');

  const touched = await site.request('/operators/queues/api/queues/plan/empty', {
    method: 'PUT',
    headers: basic,
  });
  expect(touched.status).toBe(405);
  expect(await ctx.queues.queue('plan').getJobCountByTypes('waiting', 'prioritized')).toBeGreaterThan(0);
});

test('looking changes nothing', async () => {
  const before = await readState(ctx);
  for (const path of ['/operators', '/operators/queues', '/operators/login']) {
    await site.get(path, basic);
    await site.request(path, { method: 'HEAD', headers: basic });
  }
  expect(await readState(ctx)).toEqual(before);
});
