import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { haltGate, reopenGate, takeTurn } from '../../src/db/gates.ts';
import { holdEdition } from '../../src/db/held-editions.ts';
import { listReports } from '../../src/db/operator-reports.ts';
import { reportToOperator } from '../../src/pipeline/report.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import {
  acceptAll,
  halt,
  lost,
  scriptedTransport,
  type ScriptedTransport,
} from '../support/scripted-transport.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
let transport: ScriptedTransport;
beforeAll(async () => {
  transport = scriptedTransport();
  ctx = await openTestContext({
    transport,
    env: { MAIL_RATE_PER_SECOND: '1000', OPERATOR_EMAIL: 'op@broadsheet.example' },
  });
});
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  await sql`truncate operator_reports`.execute(ctx.db);
  await sql`update installation set scheduler_ticked_at = now()`.execute(ctx.db);
  transport.script.length = 0;
  transport.submissions.length = 0;
  ctx.setNow('2026-03-20T04:00:00Z');
  await takeTurn(ctx.db, transport.identity, undefined);
});

interface Mail {
  to: string;
  subject: string;
  html: string;
  text: string;
  headers: Record<string, string>;
}

const mails = (): Mail[] =>
  transport.submissions
    .map(({ body }) => JSON.parse(body.toString('latin1')) as Mail)
    .filter(({ to }) => to === 'op@broadsheet.example');

/** Another look of the sweep, with every wait in the rows over. */
async function lookAgain(): Promise<void> {
  await sql`update operator_reports set next_attempt_at = now()`.execute(ctx.db);
  await sql`update gates set next_slot_at = now()`.execute(ctx.db);
  await reportToOperator(ctx);
}

async function seedYesterday(): Promise<void> {
  ctx.setNow('2026-03-19T06:00:00Z');
  await seedDay(ctx, '2026-03-18', 5);
  await seedReaders(ctx, 4);
  await seedReaders(ctx, 1, { name: 'poet', topics: ['medieval poetry'] });
  await planAndCompose(ctx, '2026-03-19T07:00:00Z');
  await deliverAll(ctx);
  await sql`update digests set delivered_at = now() where position < 3`.execute(ctx.db);
  await sql`update digests set bounced_at = now(), bounce_class = 'hard' where position = 3`.execute(ctx.db);
  await seedDay(ctx, '2026-03-19', 5);
}

test('each morning brings one mail with yesterday’s ledger and its rates', async () => {
  await seedYesterday();
  ctx.setNow('2026-03-20T04:59:00Z');
  await sweep(ctx);
  expect(mails()).toEqual([]);
  ctx.setNow('2026-03-20T05:00:00Z');
  await sweep(ctx);
  await lookAgain();
  const [mail] = mails();
  expect(mails()).toHaveLength(1);
  expect(mail!.subject).toBe('Broadsheet: Thursday’s edition, nothing needs you');
  expect(mail!.text).toContain('Thursday’s edition: 4 of 4 accepted, 3 delivered, 1 bounced, 1 skipped.');
  expect(mail!.text).toMatch(/Delivered\s+3 · 75\.00 %\n/);
  expect(mail!.text).toMatch(/Bounced hard\s+1 · 25\.00 %\n/);
  expect(mail!.text).toContain(`${ctx.config.publicUrl}/operators`);
  expect(mail!.headers).toEqual({ 'Auto-Submitted': 'auto-generated' });
  ctx.setNow('2026-03-21T06:00:00Z');
  await lookAgain();
  expect(mails()).toHaveLength(2);
});

test('what needs a hand is in the subject and on top', async () => {
  await seedYesterday();
  await sql`update digests set complained_at = now() where position = 0`.execute(ctx.db);
  ctx.setNow('2026-03-20T06:00:00Z');
  await sweep(ctx);
  expect(mails()[0]!.subject).toBe('Broadsheet: Thursday’s edition, 1 complained');
  expect(mails()[0]!.text.indexOf('- 1 complained.')).toBeLessThan(mails()[0]!.text.indexOf('Audience'));
});

test('a halt is mailed at once, although mail is halted, and each halt once', async () => {
  await haltGate(ctx.db, transport.identity, 'the domain is not verified');
  await sweep(ctx);
  await lookAgain();
  expect(mails().map(({ subject }) => subject)).toEqual(['Broadsheet: All mail is halted']);
  expect(mails()[0]!.text).toContain('No mail leaves: the domain is not verified.');
  await reopenGate(ctx.db, transport.identity);
  await haltGate(ctx.db, transport.identity, 'again');
  await lookAgain();
  expect(mails()).toHaveLength(2);
});

test('where the transport itself is what halted, it is tried again later, until it is over', async () => {
  await haltGate(ctx.db, transport.identity, 'invalid_api_key');
  transport.script.push(halt, halt);
  await sweep(ctx);
  await lookAgain();
  expect((await listReports(ctx.db, 5))[0]).toMatchObject({ acceptedAt: null, settledAt: null });
  expect(new Set(transport.submissions.map(({ key }) => key)).size).toBe(2);
  await reopenGate(ctx.db, transport.identity);
  await lookAgain();
  expect((await listReports(ctx.db, 5))[0]).toMatchObject({
    acceptedAt: null,
    reason: 'it was over before it could be told',
  });
  expect(transport.submissions).toHaveLength(2);
});

test('a lost answer is asked for with the same bytes under the same key', async () => {
  transport.script.push(lost, acceptAll);
  ctx.setNow('2026-03-20T06:00:00Z');
  await sweep(ctx);
  await seedReaders(ctx, 3);
  await lookAgain();
  const [first, second] = transport.submissions;
  expect(second!.key).toBe(first!.key);
  expect(second!.body).toEqual(first!.body);
  expect((await listReports(ctx.db, 5))[0]!.acceptedAt).not.toBeNull();
  await lookAgain();
  expect(transport.submissions).toHaveLength(2);
});

test('a process that dies while handing it over is followed by the same bytes, from another process', async () => {
  transport.script.push(() => Promise.reject(new Error('killed')));
  ctx.setNow('2026-03-20T06:00:00Z');
  await expect(reportToOperator(ctx)).rejects.toThrow('killed');
  await lookAgain();
  expect(transport.submissions[1]!.body).toEqual(transport.submissions[0]!.body);
  expect(transport.submissions[1]!.key).toBe(transport.submissions[0]!.key);
});

test('over a keyless transport a lost answer is never asked for again', async () => {
  const keyless = { ...transport, isKeyless: true };
  transport.script.push(() => Promise.reject(new Error('killed')));
  ctx.setNow('2026-03-20T06:00:00Z');
  await expect(reportToOperator({ ...ctx, transport: keyless })).rejects.toThrow('killed');
  await sql`update operator_reports set next_attempt_at = now()`.execute(ctx.db);
  await reportToOperator({ ...ctx, transport: keyless });
  expect(transport.submissions).toHaveLength(1);
  expect((await listReports(ctx.db, 1))[0]!.reason).toBe(
    'its answer was lost, and cannot be asked for again',
  );
});

test('held and paused editions are told at once', async () => {
  await holdEdition(
    ctx.db,
    '2026-03-20',
    'The audience moved by more than half: 10, after 2,000 the day before.',
  );
  await sql`insert into editions (date, paused_at, paused_reason) values ('2026-03-19', now(), 'bounces')`.execute(
    ctx.db,
  );
  await reportToOperator(ctx);
  expect(mails().map(({ subject }) => subject)).toEqual([
    'Broadsheet: Friday’s edition is held',
    'Broadsheet: Thursday’s edition is paused',
  ]);
});

test('halts that come and go do not fill an inbox, and without an address nobody is written to', async () => {
  for (let n = 0; n < 25; n++) {
    await reopenGate(ctx.db, transport.identity);
    await haltGate(ctx.db, transport.identity, `halt ${n}`);
    await lookAgain();
  }
  expect(mails()).toHaveLength(20);
  transport.submissions.length = 0;
  await sql`truncate operator_reports`.execute(ctx.db);
  await reportToOperator({ ...ctx, config: { ...ctx.config, operatorEmail: undefined } });
  expect(transport.submissions).toEqual([]);
});
