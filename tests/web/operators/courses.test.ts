import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { judgeEditions } from '../../../src/pipeline/breakers.ts';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { scriptedTransport } from '../../support/scripted-transport.ts';
import { seedDay, seedReaders } from '../../support/seed.ts';
import { deliverAll, planAndCompose } from '../../support/steps.ts';
import { elements, openSite, readState, textOf } from '../site.ts';
import { openOperatorSite } from './operator.ts';

const edition = '2026-03-20';
const path = (act: string) => `/operators/editions/${edition}/${act}`;

let ctx: TestContext;
beforeAll(async () => {
  ctx = await openTestContext({
    env: { MAIL_RATE_PER_SECOND: '1000', MAIL_DAILY_CAP: '500' },
    transport: scriptedTransport(),
  });
  await seedDay(ctx, '2026-03-19', 3);
  await seedReaders(ctx, 25);
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  await seedReaders(ctx, 4, { name: 'later', sendHour: 8 });
  await planAndCompose(ctx, '2026-03-20T08:00:00Z');
  await ctx.db.updateTable('installation').set({ scheduler_ticked_at: new Date() }).execute();
});
afterAll(() => ctx.close());

const operators = () => openOperatorSite(ctx);
const today = async () => (await operators().get('/operators')).body;
const formsOf = (body: string) =>
  elements(body, 'form')
    .map(({ action }) => action!)
    .filter((action) => action.includes(edition));

test('an open edition that flows has its figures beside what they may reach, and can be paused', async () => {
  const body = await today();
  expect(textOf(body)).toContain('Fri 2026-03-20 flowing · Pause 0 0 0 0 At most 3 % 0.05 % 3 %');
  expect(textOf(body)).toContain('Daily cap 25 of 500 mails today, by UTC');
  expect(formsOf(body)).toEqual([path('pause')]);
});

test('one that tripped says over what, in red, and can be resumed; then its canary has the way', async () => {
  await sql`update digests set bounced_at = now(), bounce_class = 'policy' where position < 20 and address like 'reader%'`.execute(
    ctx.db,
  );
  await judgeEditions(ctx);
  const paused = await today();
  expect(textOf(/<b class="red">.*?<\/b>/s.exec(paused)![0])).toContain(
    'Friday’s edition is paused. Of 20 reported digests 20 bounced for our standing or the content, 100 %; the limit is 3 %.',
  );
  expect(formsOf(paused)).toEqual([path('resume')]);

  const trying = (await operators().press(path('resume'))).body;
  expect(textOf(trying)).toContain('its canary has the way, and the rest waits for what becomes of it');
  expect(formsOf(trying)).toEqual([path('let-go'), path('pause')]);

  const flowing = (await operators().press(path('let-go'))).body;
  expect(formsOf(flowing)).toEqual([path('pause')]);
  const log = textOf((await operators().get('/operators/log')).body);
  expect(log).toMatch(
    /let the rest of an edition go 2026-03-20.*resumed an edition, a canary first 2026-03-20/,
  );
});

test('pressed twice, or for what is no open edition, changes nothing and harms nothing', async () => {
  await operators().press(path('pause'));
  const before = await readState(ctx);
  for (const act of ['pause', 'let-go']) await operators().press(path(act));
  expect((await operators().post('/operators/editions/1999-01-01/pause')).status).toBe(303);
  expect((await operators().post('/operators/editions/tomorrow/pause')).status).toBe(404);
  expect(await readState(ctx)).toEqual(before);
  await operators().press(path('resume'));
});

test('looking changes nothing, strangers change nothing, and other sites’ forms do not either', async () => {
  const before = await readState(ctx);
  await today();
  const site = openSite(ctx);
  for (const act of ['pause', 'resume', 'let-go']) {
    expect((await site.post(path(act))).status).toBe(401);
    expect((await site.get(path(act))).status).toBe(401);
    const own = { authorization: `Basic ${Buffer.from('anyone:only for tests').toString('base64')}` };
    expect((await site.post(path(act), {}, { ...own, origin: 'https://evil.test' })).status).toBe(403);
    expect((await site.get(path(act), own)).status).toBe(404);
  }
  expect(await readState(ctx)).toEqual(before);
});
