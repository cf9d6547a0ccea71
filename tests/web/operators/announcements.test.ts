import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweep } from '../../../src/pipeline/sweep.ts';
import { readTemplate } from '../../../src/render/mjml-template.ts';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { seedReaders } from '../../support/seed.ts';
import { attempt, hurry } from '../../support/steps.ts';
import { elements, readState, textOf } from '../site.ts';
import { openOperatorSite, type OperatorSite } from './operator.ts';

const base = '/operators/announcements';
const source = (await readTemplate('announcement')).replace('News from Broadsheet', 'Two new sources');
let ctx: TestContext;
let site: OperatorSite;
beforeAll(async () => {
  ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } });
  await seedReaders(ctx, 2);
  await seedReaders(ctx, 1, { name: 'reasoner', topics: ['reasoning'] });
  site = openOperatorSite(ctx);
});
afterAll(() => ctx.close());

async function keepDraft(text: string): Promise<string> {
  const answer = await site.post(base, { source: text.replaceAll('\n', '\r\n') });
  expect(answer.status).toBe(303);
  return answer.headers.get('location')!;
}

async function mailbox(): Promise<{ to: string; subject: string }[]> {
  const { rows } = await sql<{ to: string; subject: string }>`
    select to_address "to", subject from mailbox_messages order by to_address`.execute(ctx.db);
  return rows;
}

test('from the first word to the ledger: written, mended, tried out, counted, mailed', async () => {
  expect((await site.get(`${base}/new`)).body).toContain('{{unsubscribeUrl}}');
  const here = await keepDraft(source.replace('{{topics}}', '{{topicz}}'));
  const broken = await site.get(here);
  expect(textOf(broken.body)).toMatch(/It cannot be mailed like this\. Line 64: \{\{topicz\}\} is not known/);
  expect(broken.body).not.toContain(`${here}/test`);
  expect((await site.get(`${here}/send`)).status).toBe(303);

  const mended = await site.press(`${here}/save`, { source });
  expect(mended.title).toBe('Two new sources');
  const frames = elements(mended.body, 'iframe');
  expect(frames).toHaveLength(2);
  for (const frame of frames) expect(frame).toMatchObject({ src: `${here}/html`, sandbox: '' });
  const framed = await site.get(`${here}/html`);
  expect(framed.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'self'/);
  expect(framed.body).toContain('/unsubscribe/test');

  expect((await site.post(`${here}/test`, { address: 'nobody' })).status).toBe(422);
  const tested = await site.post(`${here}/test`, { address: 'me@uni.test' });
  expect(textOf(tested.body)).toContain('Accepted: a test to me@uni.test.');
  expect(await mailbox()).toEqual([{ to: 'me@uni.test', subject: '[Test] Two new sources' }]);

  expect(textOf((await site.get(`${here}/send`)).body)).toContain('3 readers in all.');
  expect(textOf((await site.get(`${here}/send?to=reasoning`)).body)).toContain('1 reader follows Reasoning.');
  const slip = await site.post(`${here}/send`, { to: '', count: '1' });
  expect({ status: slip.status, body: textOf(slip.body) }).toMatchObject({
    status: 422,
    body: expect.stringContaining('It would go to 3: type that number.'),
  });

  const started = await site.press(`${here}/send`, { to: '', count: '3' });
  expect(textOf(started.body)).toContain('0 of 3 readers were mailed it so far.');
  await hurry(ctx);
  for (const row of (await sql<{ noticeId: number }>`select id "noticeId" from notices`.execute(ctx.db))
    .rows) {
    expect(await attempt(ctx, row)).toBeUndefined();
  }
  await sweep(ctx);
  expect(textOf((await site.get(here)).body)).toContain('3 of 3 readers were mailed it.');
  expect(textOf((await site.get(base)).body)).toMatch(/Two new sources all readers .* 3 3 0 0 0 0 closed/);
  expect((await mailbox()).filter(({ subject }) => subject === 'Two new sources')).toHaveLength(3);
  const log = textOf((await site.get('/operators/log')).body);
  expect(log).toMatch(/started an announcement announcement \d+ .*tried an announcement out/);
  expect(log).not.toContain('me@uni.test');
});

test('the same words again lead to the announcement that was, however the form wrote its lines', async () => {
  const again = await site.press(`${await keepDraft(source)}/send`, { to: '', count: '3' });
  expect(textOf(again.body)).toContain('had been started for these readers before. Nobody gets it twice.');
});

test('one under way can be stopped; a draft can be thrown away; what was started can be neither changed nor dropped', async () => {
  const text = source.replace('Two new', 'Three new');
  const here = await keepDraft(text);
  await site.press(`${here}/send`, { to: 'reasoning', count: '1' });
  const before = await readState(ctx);
  await site.press(`${here}/save`, { source: 'other' });
  await site.press(`${here}/delete`);
  expect(await readState(ctx)).toEqual(before);
  expect(textOf((await site.press(`${here}/stop`)).body)).toContain('Stopped after 0 mails of 1.');

  const draft = await keepDraft('no MJML at all');
  expect(textOf((await site.get(draft)).body)).toContain('This is no MJML');
  expect((await site.get(`${draft}/html`)).status).toBe(404);
  await site.press(`${draft}/delete`);
  expect((await site.get(draft)).status).toBe(404);
});

test('looking changes nothing, and what is not there is said to be not there', async () => {
  const here = await keepDraft(source.replace('Two new', 'Four new'));
  const before = await readState(ctx);
  for (const path of ['', '/new', here.slice(base.length), `${here.slice(base.length)}/send?to=reasoning`]) {
    expect((await site.get(`${base}${path}`)).status).toBe(200);
  }
  expect((await site.get(`${here}/send?to=nothing`)).status).toBe(404);
  for (const path of ['/999999', '/999999/html', '/999999/send', '/x']) {
    expect((await site.get(`${base}${path}`)).status).toBe(404);
  }
  expect((await site.post(`${here}/send`, { to: 'nothing', count: '0' })).status).toBe(404);
  expect((await site.post(base, { source: ' ' })).headers.get('location')).toBe(`${base}/new`);
  expect(await readState(ctx)).toEqual(before);
});
