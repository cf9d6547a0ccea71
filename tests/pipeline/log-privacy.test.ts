import { afterAll, beforeAll, expect, test } from 'vitest';
import { drain } from '../../src/pipeline/drain.ts';
import { plan } from '../../src/pipeline/plan.ts';
import { sweep } from '../../src/pipeline/sweep.ts';
import { track } from '../../src/pipeline/track.ts';
import { signWebhook } from '../../src/transport/resend-webhook.ts';
import { showSubscriber } from '../../src/pipeline/subscriber-record.ts';
import { insertNotice } from '../../src/db/notices.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { startWorkers, type Workers } from '../../workers/all.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { attempt } from '../support/steps.ts';
import { seedDay } from '../support/seed.ts';
import { forged, openSite, type Site } from '../web/site.ts';
import { readMails } from '../support/mails.ts';

const addresses = [
  'ada.lovelace@uni.test',
  'kenji+papers@uni.test',
  'lucia@xn--espaa-rta.test',
  'bounced@uni.test',
];
/** `p-1-1-0-a1-…`: purpose, reader, version, date, key, proof. */
const token = /[a-z]-[0-9a-z]+-[0-9a-z]+-(?:\d{8}|0)-[A-Za-z0-9]+-[A-Za-z0-9_-]{22}/g;

const lines: string[] = [];
const tokens = new Set<string>();
let ctx: TestContext;
let site: Site;
let workers: Workers;

beforeAll(async () => {
  ctx = await openTestContext({
    now: '2026-03-20T06:00:00Z',
    env: { LOG_LEVEL: 'trace', MAIL_RATE_PER_SECOND: '1000' },
    logSink: { write: (line) => void lines.push(line) },
  });
  site = openSite(ctx);
  workers = startWorkers(ctx, { ingests: false });
});
afterAll(async () => {
  await workers.close();
  await ctx.close();
});

/** The mails to an address so far; every token in them counts as used. */
async function mailsTo(address: string): Promise<string> {
  const text = JSON.stringify(await readMails(ctx.db, address));
  for (const [found] of text.matchAll(token)) tokens.add(found);
  return text;
}

const pathIn = (mails: string, kind: string) => {
  const found = new RegExp(`/${kind}/([A-Za-z0-9_-]+)`).exec(mails);
  if (!found) throw new Error(`No ${kind} link was mailed.`);
  return found[0];
};

async function tell(type: string, to: string, data: object = {}): Promise<void> {
  const body = JSON.stringify({
    type,
    created_at: new Date().toISOString(),
    data: { email_id: 'e-1', to: [to], ...data },
  });
  const id = `msg_${lines.length}_${type}`;
  const timestampS = Math.floor(Date.now() / 1000);
  const signature = signWebhook(ctx.config.webhookSecrets[0]!, id, timestampS, body);
  const headers = { 'svix-id': id, 'svix-timestamp': String(timestampS), 'svix-signature': signature };
  expect((await site.request('/webhooks/resend', { method: 'POST', body, headers })).status).toBe(200);
}

/** Everybody joins through the form and the mail, and is due an hour later. */
async function join(): Promise<void> {
  for (const email of addresses) {
    await site.post('/subscribe', { email, topics: ['robotics'], time_zone: 'UTC', send_hour: '7' });
  }
  await drain(ctx, []);
  for (const address of addresses) {
    const path = pathIn(await mailsTo(address), 'confirm');
    expect((await site.get(path)).status).toBe(200);
    expect((await site.post(path)).status).toBe(200);
    expect((await site.get(forged(path))).status).toBeGreaterThanOrEqual(400);
    await site.get(`${path}/and/more?email=${encodeURIComponent(address)}`);
  }
  await drain(ctx, []);
}

async function readAndAnswer(address: string): Promise<void> {
  const mails = await mailsTo(address);
  const paths = {
    digest: pathIn(mails, 'digest'),
    preferences: pathIn(mails, 'preferences'),
    unsubscribe: pathIn(mails, 'unsubscribe'),
    taste: pathIn(mails, 'taste'),
  };
  for (const path of Object.values(paths)) {
    await site.get(path);
    await site.get(forged(path));
    await site.get(path.replace(/^\/\w+/, '/nowhere'));
    await site.post(path, { email: address, phrases: '"', send_hour: 'never' });
  }
  await site.post(paths.unsubscribe, { 'List-Unsubscribe': 'One-Click' });
}

/** Each way of failing that has somebody's address at hand. */
async function failInEveryWay(address: string): Promise<void> {
  await tell('email.bounced', address, {
    bounce: { type: 'Permanent', subType: 'General', message: `no ${address}` },
  });
  await tell('email.complained', address, {});
  await tell('email.delivery_delayed', address, { reason: `try later for ${address}` });
  await tell('email.of-the-future', address, { said: address });
  await track(ctx);
  // Postgres names the row that failed.
  const sameForAll = ctx.db.updateTable('subscribers').set({ address }).execute();
  await sameForAll.catch((error: unknown) => ctx.log.error({ err: error }, 'a row was refused'));
  await ctx.db
    .selectFrom('subscribers')
    .where('id', '=', address as never)
    .execute()
    .catch((error: unknown) => ctx.log.error({ err: error }, 'a value was refused'));
  // A provider that repeats what it was sent.
  const repeating = (reason: string) => ({
    ...ctx.transport,
    submit: () => Promise.reject(new Error(reason)),
  });
  const reader = await ctx.db
    .selectFrom('subscribers')
    .select('id')
    .where('address', '=', address)
    .executeTakeFirstOrThrow();
  const noticeId = await insertNotice(ctx.db, {
    subscriberId: reader.id,
    kind: 'link',
    cause: 'again',
    address,
  });
  const failing = { ...ctx, transport: repeating(`cannot mail ${address} at ${[...tokens][0]}`) };
  const fault = await attempt(failing as TestContext, { noticeId: noticeId! });
  if (fault) ctx.log.error({ err: fault }, 'deliver failed');
}

test(
  'the log of a whole life, faults included, has no address and no token in it',
  { timeout: 120_000 },
  async () => {
    await seedDay(ctx, '2026-03-19', 12);
    await join();
    ctx.setNow('2026-03-20T07:00:00Z');
    const gone = addressHash(ctx.config.suppressionKey, addresses[3]!);
    const { dates } = await plan(ctx);
    await drain(ctx, dates);
    await readAndAnswer(addresses[0]!);
    await readAndAnswer(addresses[1]!);
    await failInEveryWay(addresses[2]!);
    await suppress(ctx.db, { addressHash: gone, reason: 'manual', origin: 'operator' });
    ctx.setNow('2026-03-21T07:00:00Z');
    await seedDay(ctx, '2026-03-20', 12);
    await drain(ctx, (await plan(ctx)).dates);
    await sweep(ctx);
    for (const address of addresses) await showSubscriber(ctx, address);
    for (const address of addresses) await mailsTo(address);

    // It did happen, and it was written down.
    expect(tokens.size).toBeGreaterThan(20);
    const log = lines.join('');
    for (const said of ['"request"', '"composed"', 'a row was refused', '23505', 'deliver failed', '22P02']) {
      expect(log.includes(said) ? 'said' : `nothing of ${said}`).toBe('said');
    }
    const proofs = [...tokens].map((one) => one.slice(-22));
    const names = addresses.flatMap((address) => [
      address,
      encodeURIComponent(address),
      address.split('@')[0]!,
    ]);
    const leaks = lines.filter((line) => [...proofs, ...names].some((secret) => line.includes(secret)));
    expect(leaks).toEqual([]);
    for (const { secret } of ctx.config.keys) expect(log).not.toContain(secret.toString('base64'));
    expect(log).not.toContain(ctx.config.webhookSecrets[0]!);
  },
);
