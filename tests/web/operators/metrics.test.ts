import { readdirSync, readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { haltGate } from '../../../src/db/gates.ts';
import { storeWebhookEvent } from '../../../src/db/webhook-events.ts';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { seedDay, seedReaders } from '../../support/seed.ts';
import { deliverAll, planAndCompose } from '../../support/steps.ts';
import { openSite, readState, type Site } from '../site.ts';

let ctx: TestContext;
let site: Site;
const bearer = { authorization: 'Bearer only-for-metrics' };

beforeAll(async () => {
  ctx = await openTestContext({
    now: '2026-03-20T06:00:00Z',
    env: { OPERATOR_PASSWORD: 'only-for-metrics', MAIL_RATE_PER_SECOND: '1000' },
  });
  site = openSite(ctx);
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await seedDay(ctx, '2026-03-19', 5);
  await seedDay(ctx, yesterday, 4);
  await seedReaders(ctx, 3);
  await seedReaders(ctx, 1, { name: 'poet', topics: ['medieval poetry'] });
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
});
afterAll(() => ctx.close());

const told = async () => (await openSite(ctx).get('/metrics', bearer)).body;

/** The value of one line, by its name and labels as they are written. */
function valueOf(body: string, name: string): number | undefined {
  const line = body.split('\n').find((one) => one.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

test('the password is asked for, as a bearer token or with HTTP Basic, and guessing it is slow', async () => {
  const basic = `Basic ${Buffer.from('prometheus:only-for-metrics').toString('base64')}`;
  expect((await site.get('/metrics')).status).toBe(401);
  expect((await site.get('/metrics', { authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await site.get('/metrics', { authorization: basic })).status).toBe(200);
  const answer = await site.get('/metrics', bearer);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  for (let n = 0; n < 10; n++) await site.get('/metrics', { authorization: `Bearer guess${n}` });
  expect((await site.get('/metrics', bearer)).status).toBe(429);
});

test('the ledger is told by edition, state and reason', async () => {
  const body = await told();
  const digests = (labels: string) =>
    valueOf(body, `broadsheet_edition_digests{edition="2026-03-20",${labels}}`);
  expect(valueOf(body, 'broadsheet_edition_audience{edition="2026-03-20"}')).toBe(4);
  expect(digests('state="accepted",reason=""')).toBe(3);
  expect(digests('state="skipped",reason="nothing_new"')).toBe(1);
  expect(digests('state="unknown",reason=""')).toBe(0);
});

test('ranges that wait behind a limit are no sign of trouble while others are composed', async () => {
  const age = async () => valueOf(await told(), 'broadsheet_oldest_pending_age_seconds{step="compose"}');
  await sql`insert into ranges (edition_date, slot_ids, from_id, to_id, made_at, expected, created_at)
    values ('2026-03-20', '{1}', 1000000, 1000000, now(), 1, now() - interval '2 hours')`.execute(ctx.db);
  expect(await age()).toBeLessThan(3600);
  await sql`update ranges set composed_at = now() - interval '90 minutes' where composed_at is not null`.execute(
    ctx.db,
  );
  expect(await age()).toBeGreaterThan(3600);
  await sql`delete from ranges where from_id = 1000000`.execute(ctx.db);
  expect(await age()).toBe(0);
});

test('what waits is told with its age, and a halted gate as 1', async () => {
  const before = await told();
  expect(valueOf(before, 'broadsheet_mail_halted')).toBe(0);
  expect(valueOf(before, 'broadsheet_webhook_oldest_age_seconds')).toBe(0);
  await haltGate(ctx.db, ctx.transport.identity, 'test');
  await storeWebhookEvent(ctx.db, { svixId: 'msg_1', type: 'email.delivered', body: '{}' });
  await ctx.db
    .updateTable('webhook_events')
    .set({ received_at: new Date(Date.now() - 900_000) })
    .execute();
  const after = await told();
  expect(valueOf(after, 'broadsheet_mail_halted')).toBe(1);
  expect(valueOf(after, 'broadsheet_webhook_events_unprocessed')).toBe(1);
  expect(valueOf(after, 'broadsheet_webhook_oldest_age_seconds')).toBeGreaterThan(890);
});

test('the newest list of a source is as old as the end of its day', async () => {
  const age = valueOf(await told(), 'broadsheet_source_list_age_seconds{source="huggingface"}')!;
  expect(age).toBeGreaterThanOrEqual(0);
  expect(age).toBeLessThan(86_400);
});

test('no label holds anything about a reader', async () => {
  const body = await told();
  expect(body).not.toMatch(/@|reader1|poet/);
});

test('looking changes nothing', async () => {
  const before = await readState(ctx);
  await told();
  expect(await readState(ctx)).toEqual(before);
});

/** The metrics that the files of a folder under ops name, ours and those of the process. */
function namedIn(folder: string): Set<string> {
  const files = new URL(`../../../ops/${folder}/`, import.meta.url);
  const texts = readdirSync(files).map((file) => readFileSync(new URL(file, files), 'utf8'));
  return new Set(texts.flatMap((text) => text.match(/\b(?:broadsheet_|process_)[a-z_]+/g) ?? []));
}

test('every metric that an alert or the dashboard names is told, and the dashboard shows every one of ours', async () => {
  const names = new Set((await told()).match(/^# TYPE (\S+)/gm)!.map((line) => line.slice(7)));
  const [shown, alerted] = [namedIn('grafana'), namedIn('prometheus')];
  expect([...shown, ...alerted].filter((name) => !names.has(name))).toEqual([]);
  const ours = [...names].filter((name) => name.startsWith('broadsheet_'));
  expect(ours.length).toBeGreaterThan(20);
  expect(ours.filter((name) => !shown.has(name))).toEqual([]);
});

test('every alert says in the manual what it means', () => {
  const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  const alerts = read('ops/prometheus/alerts.yml').match(/(?<=alert: )\w+/g)!;
  const manual = read('docs/operating.md');
  expect(alerts.length).toBeGreaterThan(10);
  expect(alerts.filter((alert) => !manual.includes(`**${alert}**`))).toEqual([]);
});
