import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { importReports } from '../../src/pipeline/import-reports.ts';
import { mailBytesMax, MailFileError } from '../../src/sources/mail-files.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { arf, dsn, type DsnWish } from '../support/report-mails.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

/** A mail server that takes everything: one mail a request, under a Message-ID. */
const server: Transport = {
  identity: 'smtp://mx.test:25',
  isKeyless: true,
  async submit({ body }) {
    const { to } = [JSON.parse(body.toString('latin1'))].flat()[0] as { to: string };
    return {
      outcome: 'accepted',
      ids: [`<${to.split('@')[0]}@broadsheet.example>`],
      refused: [],
      limits: {},
    };
  },
  async close() {},
};
const idOf = (n: number) => `<reader${n}@broadsheet.example>`;
const nothing = { bounced: {}, complained: 0, delivered: 0, known: 0, ignored: {}, rejected: [] };

let ctx: TestContext;
let folder: string;
beforeAll(async () => {
  ctx = await openTestContext({ env: { MAIL_RATE_PER_SECOND: '1000' } });
  ctx.transport = server;
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
  await seedDay(ctx, '2026-03-19', 3);
  await seedReaders(ctx, 4);
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
});
afterAll(() => ctx.close());
beforeEach(async () => {
  await sql`truncate webhook_events, suppressions`.execute(ctx.db);
  await sql`update digests set delivered_at = null, bounced_at = null, bounce_class = null, complained_at = null`.execute(
    ctx.db,
  );
  folder = await mkdtemp(join(tmpdir(), 'broadsheet-reports-'));
  return () => rm(folder, { recursive: true, force: true });
});

async function file(content: string | Buffer, name = 'report.eml'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function outcomes() {
  const { rows } = await sql<{ address: string; says: string }>`
    select address, concat_ws(' ', bounce_class, to_char(bounced_at, 'HH24:MI'),
      case when complained_at is not null then 'complained' end, case when delivered_at is not null then 'delivered' end) says
    from digests where bounced_at is not null or complained_at is not null or delivered_at is not null
    order by address`.execute(ctx.db);
  return rows.map(({ address, says }) => `${address.split('@')[0]} ${says}`);
}
const reasons = async () =>
  (await ctx.db.selectFrom('suppressions').select('reason').execute()).map(({ reason }) => reason);

describe('a report of a bounce', () => {
  test.each<DsnWish['returned']>([
    'message/rfc822',
    'text/rfc822-headers',
    'own header',
    'envelope',
    'message/global-headers',
  ])('finds its digest by what came back: %s', async (returned) => {
    const path = await file(dsn({ mailId: idOf(1), returned: returned! }));
    expect(await importReports(ctx, path)).toEqual({ ...nothing, read: 1, bounced: { hard: 1 } });
    expect(await outcomes()).toEqual(['reader1 hard 07:05']);
    expect(await reasons()).toEqual(['hard_bounce']);
  });

  test('does so also where the mail that came back is shown inline', async () => {
    const path = await file(dsn({ mailId: idOf(1), disposition: 'inline' }));
    expect(await importReports(ctx, path)).toMatchObject({ bounced: { hard: 1 } });
  });

  test('is judged by the same table: what the server said first, then the status, then its class', async () => {
    const wishes: DsnWish[] = [
      { diagnostic: 'smtp; 550 5.7.1 blocked', status: '5.1.1' },
      { diagnostic: 'smtp; 550 no such user', status: '5.1.1' },
      { diagnostic: 'smtp; 452 4.2.2 full', status: '4.4.7' },
      { diagnostic: '', status: '5.3.4' },
    ];
    const mails = wishes.map((wish, n) =>
      dsn({ mailId: idOf(n + 1), to: `reader${n + 1}@uni.test`, ...wish }),
    );
    const path = await file(
      mails.map((mail) => `From MAILER-DAEMON Fri Mar 20 07:05:00 2026\n${mail}`).join('\n'),
      'mbox',
    );
    expect(await importReports(ctx, path)).toMatchObject({
      read: 4,
      bounced: { policy: 1, hard: 1, soft: 1, content: 1 },
    });
    expect(await outcomes()).toEqual([
      'reader1 policy 07:05',
      'reader2 hard 07:05',
      'reader3 soft 07:05',
      'reader4 content 07:05',
    ]);
    expect(await reasons()).toEqual(['hard_bounce']);
  });

  test('of a box that the mail was passed on to is no proof against the reader’s own', async () => {
    const wish = { mailId: idOf(1), to: 'friend@elsewhere.test' };
    expect(await importReports(ctx, await file(dsn(wish)))).toMatchObject({ bounced: { soft: 1 } });
    expect(await reasons()).toEqual([]);
    const named = dsn({ ...wish, originalTo: 'Reader1@uni.test' });
    expect(await importReports(ctx, await file(named))).toMatchObject({ bounced: { hard: 1 } });
  });

  test('read again, whole or from another file, changes nothing', async () => {
    const path = await file(dsn({ mailId: idOf(1) }));
    await importReports(ctx, path);
    const before = [await outcomes(), await reasons()];
    await file(dsn({ mailId: idOf(1) }), 'again.eml');
    expect(await importReports(ctx, folder)).toEqual({ ...nothing, read: 2, known: 2 });
    expect([await outcomes(), await reasons()]).toEqual(before);
  });

  test('that is dated tomorrow happened when it came', async () => {
    await importReports(ctx, await file(dsn({ mailId: idOf(1), at: 'Fri, 20 Mar 2099 07:05:00 +0000' })));
    const { rows } = await sql<{ isNow: boolean }>`
      select bounced_at > now() - interval '1 minute' and bounced_at <= now() "isNow" from digests where bounced_at is not null`.execute(
      ctx.db,
    );
    expect(rows).toEqual([{ isNow: true }]);
  });

  test('of no mail of ours does nothing, nor one that only knows the address: anybody could send that', async () => {
    const path = await file(dsn({ mailId: '<guess@broadsheet.example>', to: 'reader1@uni.test' }));
    expect(await importReports(ctx, path)).toEqual({
      ...nothing,
      read: 1,
      ignored: { 'of no mail of ours': 1 },
    });
    expect([await outcomes(), await reasons()]).toEqual([[], []]);
  });
});

test('a complaint suppresses at once, other feedback is no complaint', async () => {
  await file(arf(idOf(2)), '1.eml');
  await file(arf(idOf(3), 'not-spam'), '2.eml');
  expect(await importReports(ctx, folder)).toEqual({
    ...nothing,
    read: 2,
    complained: 1,
    ignored: { 'feedback that is no complaint': 1 },
  });
  expect(await outcomes()).toEqual(['reader2 complained']);
  expect(await reasons()).toEqual(['complaint']);
});

test('a delivery that a server reports is one', async () => {
  const path = await file(
    dsn({ mailId: idOf(4), to: 'reader4@uni.test', action: 'delivered', status: '2.0.0' }),
  );
  expect(await importReports(ctx, path)).toMatchObject({ delivered: 1 });
  expect(await outcomes()).toEqual(['reader4 delivered']);
});

test('a folder is read whole, as a Maildir is, and what is no report is told apart', async () => {
  for (const name of ['new', 'cur', 'tmp']) await mkdir(join(folder, name));
  await file(dsn({ mailId: idOf(1) }), 'new/1:2,S');
  await file('Subject: Out of office\n\nI am away.\n', 'cur/2:2,S');
  await file(dsn({ mailId: idOf(2) }), 'tmp/3');
  await file(dsn({ mailId: idOf(3) }), '.index');
  await file(Buffer.alloc(mailBytesMax + 1, 'x'), 'large.eml');
  await file('', 'empty.eml');
  expect(await importReports(ctx, folder)).toEqual({
    ...nothing,
    read: 4,
    bounced: { hard: 1 },
    ignored: { 'no report': 2 },
    rejected: [{ name: join(folder, 'large.eml'), reason: 'is larger than 2 MiB' }],
  });
});

test('one mail of an mbox that is too long, or a line of it, costs that one only', async () => {
  const from = 'From MAILER-DAEMON Fri Mar 20 07:05:00 2026\n';
  const long = `Subject: long\n\n${'x'.repeat(mailBytesMax + 70_000)}\n`;
  const path = await file(
    [dsn({ mailId: idOf(1) }), long, dsn({ mailId: idOf(2) })].map((mail) => `${from}${mail}`).join('\n'),
  );
  const result = await importReports(ctx, path);
  expect(result.rejected).toEqual([{ name: `${path}, mail 2`, reason: 'is larger than 2 MiB' }]);
  expect(await outcomes()).toHaveLength(2);
});

test('what is not there is said in a sentence', async () => {
  await expect(importReports(ctx, join(folder, 'absent'))).rejects.toThrow(MailFileError);
});

test('whatever bytes stand in a file, nobody is suppressed by what is no report of a mail of ours', async () => {
  const whole = dsn({ mailId: idOf(1), returned: 'text/rfc822-headers' });
  const cut = fc
    .tuple(fc.nat(whole.length), fc.nat(60), fc.string({ unit: 'binary' }))
    .map(([at, length, more]) => ({
      text: whole.slice(0, at) + more + whole.slice(at + length),
    }));
  const anything = fc.oneof(
    cut,
    fc.uint8Array({ maxLength: 3_000 }).map((bytes) => ({ text: Buffer.from(bytes).toString('latin1') })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anything, { minLength: 20, maxLength: 20 }), async (mails) => {
      await sql`truncate webhook_events, suppressions`.execute(ctx.db);
      const texts = mails.map(({ text }) => text);
      for (const [n, text] of texts.entries()) await file(Buffer.from(text, 'latin1'), `${n}.eml`);
      const { read, bounced, rejected } = await importReports(ctx, folder);
      expect(read).toBeGreaterThanOrEqual(20);
      expect(rejected).toEqual([]);
      const naming = texts.filter((text) => text.includes(idOf(1))).length;
      expect(Object.values(bounced).reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(naming);
      expect((await reasons()).length).toBeLessThanOrEqual(naming);
    }),
    { numRuns: 10 },
  );
});
