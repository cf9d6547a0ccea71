import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { haltGate, parkGate, reopenGate } from '../../../src/db/gates.ts';
import { holdEdition, releaseEdition } from '../../../src/db/held-editions.ts';
import { storeWebhookEvent } from '../../../src/db/webhook-events.ts';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { hasPromtool, type Observation, tryAlerts } from '../../support/promtool.ts';
import { scriptedTransport } from '../../support/scripted-transport.ts';
import { seedDay, seedReaders } from '../../support/seed.ts';
import { deliverAll, planAndCompose } from '../../support/steps.ts';
import { openSite } from '../site.ts';

let ctx: TestContext;
const today = new Date().toISOString().slice(0, 10);
const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
const run =
  (...statements: string[]) =>
  async () => {
    for (const statement of statements) await sql.raw(statement).execute(ctx.db);
  };

beforeAll(async () => {
  ctx = await openTestContext({
    now: `${today}T06:00:00Z`,
    transport: scriptedTransport(),
    env: { MAIL_RATE_PER_SECOND: '1000', OPERATOR_PASSWORD: 'only-for-metrics' },
  });
  await seedDay(ctx, yesterday, 4);
  await seedReaders(ctx, 240);
  await planAndCompose(ctx, `${today}T07:00:00Z`);
  await deliverAll(ctx);
  await run(
    `update digests set delivered_at = now()`,
    `update batches set settled_at = now() - interval '3 hours', first_attempt_at = now() - interval '3 hours'`,
    `update installation set scheduler_ticked_at = now()`,
  )();
});
afterAll(() => ctx.close());

/** What is made, which alert it must raise, and how it is undone. */
const conditions: [alert: string, make: () => Promise<unknown>, undo: () => Promise<unknown>][] = [
  [
    'BroadsheetSchedulerStill',
    run(`update installation set scheduler_ticked_at = now() - interval '10 minutes'`),
    run(`update installation set scheduler_ticked_at = now()`),
  ],
  [
    'BroadsheetMailHalted',
    () => haltGate(ctx.db, ctx.transport.identity, 'test'),
    () => reopenGate(ctx.db, ctx.transport.identity),
  ],
  ['BroadsheetEditionHeld', () => holdEdition(ctx.db, today, 'test'), () => releaseEdition(ctx.db, today)],
  [
    'BroadsheetEditionPaused',
    run(`update editions set paused_at = now()`),
    run(`update editions set paused_at = null`),
  ],
  [
    'BroadsheetMailParked',
    () => parkGate(ctx.db, ctx.transport.identity, new Date(Date.now() + 3_600_000), 'daily_quota_exceeded'),
    () => reopenGate(ctx.db, ctx.transport.identity),
  ],
  [
    'BroadsheetWorkWaits',
    run(`update ranges set composed_at = null, created_at = now() - interval '1 hour'`),
    run(`update ranges set composed_at = now()`),
  ],
  [
    'BroadsheetUnknown',
    run(`update batches set state = 'unknown' where id = (select max(id) from batches)`),
    run(`update batches set state = 'accepted'`),
  ],
  [
    'BroadsheetFailed',
    run(`update batches set state = 'failed' where id = (select max(id) from batches)`),
    run(`update batches set state = 'accepted'`),
  ],
  [
    'BroadsheetNothingDelivered',
    run(`update digests set delivered_at = null`, `update batches set settled_at = now()`),
    run(
      `update digests set delivered_at = now()`,
      `update batches set settled_at = now() - interval '3 hours'`,
    ),
  ],
  [
    'BroadsheetBounces',
    run(`update digests set bounced_at = now(), bounce_class = 'hard' where position < 3`),
    run(`update digests set bounced_at = null, bounce_class = null`),
  ],
  [
    'BroadsheetComplaints',
    run(`update digests set complained_at = now() where subscriber_id = (select max(id) from subscribers)`),
    run(`update digests set complained_at = null`),
  ],
  [
    'BroadsheetSilence',
    run(`update digests set delivered_at = null where position < 20`),
    run(`update digests set delivered_at = now()`),
  ],
  [
    'BroadsheetWebhooksLate',
    async () => {
      await storeWebhookEvent(ctx.db, { svixId: 'msg_1', type: 'email.delivered', body: '{}' });
      await run(`update webhook_events set received_at = now() - interval '15 minutes'`)();
    },
    run(`delete from webhook_events`),
  ],
  [
    'BroadsheetListStale',
    run(`update source_days set day = day - 3`),
    run(`update source_days set day = day + 3`),
  ],
  [
    'BroadsheetEditionStaysOpen',
    run(`update editions set opened_at = now() - interval '6 days'`),
    run(`update editions set opened_at = now()`),
  ],
  [
    'BroadsheetRateFull',
    run(`update gates set per_second = 0.04`, `update batches set first_attempt_at = now()`),
    run(
      `update gates set per_second = null`,
      `update batches set first_attempt_at = now() - interval '3 hours'`,
    ),
  ],
];

describe.skipIf(!hasPromtool)('Prometheus itself', () => {
  const metrics = async () =>
    (await openSite(ctx).get('/metrics', { authorization: 'Bearer only-for-metrics' })).body;

  test('fires each alert when its condition is made, that one alone, and none on a quiet day', async () => {
    const seen: Observation[] = [
      { name: 'a quiet day', metrics: await metrics(), fires: [] },
      { name: 'BroadsheetAway', metrics: undefined, fires: ['BroadsheetAway'] },
    ];
    for (const [alert, make, undo] of conditions) {
      await make();
      seen.push({ name: alert, metrics: await metrics(), fires: [alert] });
      await undo();
    }
    seen.push({ name: 'a quiet day again', metrics: await metrics(), fires: [] });
    expect(await tryAlerts(seen)).toBe('');
  });

  test('would notice an alert that does not fire, and one that should not', async () => {
    const quiet = await metrics();
    expect(await tryAlerts([{ name: 'wrong', metrics: quiet, fires: ['BroadsheetMailHalted'] }])).toContain(
      'got: nil',
    );
    expect(await tryAlerts([{ name: 'wrong', metrics: undefined, fires: [] }])).toContain('BroadsheetAway');
  });
});

test('no alert is without its condition here', async () => {
  const rules = await readFile(new URL('../../../ops/prometheus/alerts.yml', import.meta.url), 'utf8');
  const alerts = rules.match(/(?<=alert: )\w+/g)!;
  expect(alerts.toSorted()).toEqual(['BroadsheetAway', ...conditions.map(([alert]) => alert)].toSorted());
});
