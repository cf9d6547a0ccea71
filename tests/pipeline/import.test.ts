import { sql } from 'kysely';
import { truncate } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findByAddress, readFollows } from '../../src/db/subscribers.ts';
import { suppress } from '../../src/db/suppressions.ts';
import { addressHash } from '../../src/domain/address.ts';
import { everyDay } from '../../src/domain/cadence.ts';
import { eraseSubscriber } from '../../src/pipeline/erase.ts';
import { importSubscribers } from '../../src/pipeline/import.ts';
import { nextDigest } from '../../src/pipeline/schedule.ts';
import { subscribe, unsubscribe } from '../../src/pipeline/subscription.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { type Folder, openFolder } from '../support/files.ts';
import { seedDay } from '../support/seed.ts';
import { planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
let folder: Folder;
beforeAll(async () => {
  ctx = await openTestContext();
  folder = await openFolder();
});
afterAll(async () => {
  await ctx.close();
  await folder.remove();
});
beforeEach(async () => {
  await wipe(ctx);
  ctx.setNow('2026-03-20T06:00:00Z');
});

async function load(content: string | Buffer, { confirmed = true } = {}) {
  return importSubscribers(ctx, await folder.write('readers', content), { confirmed });
}

/** What is stored of an address, as the columns of the file name it. */
async function stored(address: string) {
  const row = await findByAddress(ctx.db, address);
  if (!row) return undefined;
  const follows = await readFollows(ctx.db, row.id);
  const { id, status, timeZone, sendHour, weekdays, maxPapers } = row;
  return { id, status, timeZone, sendHour, weekdays, maxPapers, topics: follows.map(({ name }) => name) };
}

async function countRows() {
  const { rows } = await sql<{ readers: number; follows: number; topics: number; notices: number }>`
    select (select count(*)::int from subscribers) readers, (select count(*)::int from follows) follows,
      (select count(*)::int from topics where slug is null) topics,
      (select count(*)::int from notices) notices`.execute(ctx.db);
  return rows[0]!;
}

const header = 'email,topics,time_zone,send_hour,weekdays,max_papers';
const ada = `${header}\nada@uni.test,robotics;Quantum Chess,Europe/Paris,6,1-5,4\n`;

describe('an import', () => {
  test('adds readers as the file says, with slugs and phrases as topics', async () => {
    expect(await load(ada)).toEqual({ added: 1, updated: 0, suppressed: 0, rejected: [] });
    expect(await stored('ada@uni.test')).toMatchObject({
      status: 'active',
      timeZone: 'Europe/Paris',
      sendHour: 6,
      weekdays: 0b11111,
      maxPapers: 4,
      topics: ['Quantum Chess', 'Robotics'],
    });
  });

  test('gives the usual slot and amount to who does not say', async () => {
    await load('email\nada@uni.test\n');
    const usual = { timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 7, topics: [] };
    expect(await stored('ada@uni.test')).toMatchObject(usual);
  });

  test('of a header alone adds nobody', async () => {
    expect(await load(`${header}\n`)).toEqual({ added: 0, updated: 0, suppressed: 0, rejected: [] });
  });

  test('done twice updates the same rows and mails nobody again', async () => {
    await load(ada, { confirmed: false });
    const [before, rows] = [await stored('ada@uni.test'), await countRows()];
    expect(await load(ada, { confirmed: false })).toMatchObject({ added: 0, updated: 1 });
    expect(await stored('ada@uni.test')).toEqual(before);
    expect(await countRows()).toEqual(rows);
  });

  test('keeps what columns that are not there would say, and replaces the others', async () => {
    await load(ada);
    await load('email,max_papers\nADA@uni.test,9\n');
    expect(await stored('ada@uni.test')).toMatchObject({ maxPapers: 9, sendHour: 6, weekdays: 0b11111 });
    expect((await stored('ada@uni.test'))?.topics).toEqual(['Quantum Chess', 'Robotics']);
    await load('email,topics,weekdays\nada@uni.test,llm,\n');
    expect(await stored('ada@uni.test')).toMatchObject({ topics: ['llm'], weekdays: everyDay, maxPapers: 9 });
    await load('{"email":"ada@uni.test","topics":[]}\n');
    expect((await stored('ada@uni.test'))?.topics).toEqual([]);
  });

  test('that leaves the slot alone leaves the next digest alone; one that moves it keeps RULES 5', async () => {
    await load('email,send_hour\nada@uni.test,7\n');
    await ctx.db.updateTable('subscribers').set({ not_before: '2026-04-01' }).execute();
    await load('email,max_papers,send_hour,time_zone\nada@uni.test,9,07,UTC\n');
    expect((await findByAddress(ctx.db, 'ada@uni.test'))?.notBefore).toBe('2026-04-01');

    await seedDay(ctx, '2026-03-19', 3);
    await ctx.db.updateTable('subscribers').set({ not_before: '2026-03-20' }).execute();
    await planAndCompose(ctx, '2026-03-20T07:00:00Z');
    await load('email,send_hour,time_zone\nada@uni.test,1,Pacific/Kiritimati\n');
    expect(nextDigest((await findByAddress(ctx.db, 'ada@uni.test'))!)).toEqual({
      at: new Date('2026-03-21T11:00:00Z'),
      localDate: '2026-03-22',
    });
  });

  test('takes an address that comes twice in the order of the file: the later wins', async () => {
    const content = `${header}\nada@uni.test,robotics,UTC,6,,4\neve@uni.test,,UTC,6,,4\nADA@uni.test ,,Asia/Tokyo,8,,5\n`;
    expect(await load(content)).toEqual({ added: 2, updated: 1, suppressed: 0, rejected: [] });
    expect(await stored('ada@uni.test')).toMatchObject({
      timeZone: 'Asia/Tokyo',
      sendHour: 8,
      maxPapers: 5,
      topics: ['Robotics'],
    });
  });

  test('takes thousands of lines, in chunks', async () => {
    const lines = Array.from({ length: 2500 }, (_, n) => `r${n}@uni.test,robotics,UTC,${n % 24},,3`);
    expect(await load([header, ...lines].join('\n'))).toMatchObject({ added: 2500, rejected: [] });
    expect(await countRows()).toMatchObject({ readers: 2500, follows: 2500 });
  });

  test('by two at once takes every line once, and neither waits for ever', async () => {
    const lines = Array.from({ length: 600 }, (_, n) => `r${n}@uni.test,robotics,UTC,${n % 24},,3`);
    const [one, other] = await Promise.all([
      folder.write('one', [header, ...lines].join('\n')),
      folder.write('other', [header, ...lines.toReversed()].join('\n')),
    ]);
    const confirmed = { confirmed: true };
    const results = await Promise.all([
      importSubscribers(ctx, one, confirmed),
      importSubscribers(ctx, other, confirmed),
    ]);
    expect(results.map(({ added, updated }) => added + updated)).toEqual([600, 600]);
    expect(await countRows()).toMatchObject({ readers: 600, follows: 600 });
  });
});

describe('nobody is brought back', () => {
  test.each(['suppressed', 'unsubscribed', 'erased'] as const)('who is %s is left alone', async (how) => {
    await load(ada);
    const { id } = (await stored('ada@uni.test'))!;
    const hash = addressHash(ctx.config.suppressionKey, 'ada@uni.test');
    if (how === 'suppressed') {
      await suppress(ctx.db, { addressHash: hash, reason: 'complaint', origin: 'webhook' });
    } else if (how === 'unsubscribed') await unsubscribe(ctx, id);
    else await eraseSubscriber(ctx, 'ada@uni.test');
    const before = await stored('ada@uni.test');
    const content = `${header}\nada@uni.test,llm,Asia/Tokyo,9,,1\neve@uni.test,,UTC,6,,4\n`;
    for (const confirmed of [true, false]) {
      expect(await load(content, { confirmed })).toMatchObject({ suppressed: 1, rejected: [] });
      expect(await stored('ada@uni.test')).toEqual(before);
    }
    expect((await countRows()).notices).toBe(0);
  });
});

describe('without --confirmed', () => {
  test('newcomers wait, with one confirmation each; who is active stays so and gets none', async () => {
    await load(ada);
    const content = 'email\nada@uni.test\neve@uni.test\n';
    expect(await load(content, { confirmed: false })).toMatchObject({ added: 1, updated: 1 });
    expect((await stored('ada@uni.test'))?.status).toBe('active');
    expect((await stored('eve@uni.test'))?.status).toBe('unconfirmed');
    expect((await countRows()).notices).toBe(1);
  });

  test('an import with --confirmed activates who waited, with what they asked for in the form', async () => {
    const choices = { topics: ['robotics'], timeZone: 'UTC', sendHour: 8, weekdays: 3, maxPapers: 2 };
    await subscribe(ctx, { ...choices, address: 'ada@uni.test', consent: 'form' });
    await load('email\nada@uni.test\n');
    expect(await stored('ada@uni.test')).toMatchObject({
      status: 'active',
      sendHour: 8,
      weekdays: 3,
      maxPapers: 2,
      topics: ['Robotics'],
    });
  });
});

describe('a line that can’t be taken is rejected with its number and reason, the others go in', () => {
  const override = '\u202E';
  test.each([
    ['ada@uni.test,robotics,Mars/Olympus,7,,3', 'time zone is not known'],
    ['ada@uni.test,robotics,UTC,24,,3', 'hour must be from 0 to 23'],
    ['ada@uni.test,robotics,UTC,-1,,3', 'hour must be from 0 to 23'],
    ['ada@uni.test,robotics,UTC,7.5,,3', 'hour must be from 0 to 23'],
    ['ada@uni.test,robotics,UTC,7,8,3', 'weekdays "8" must be like 1-5'],
    ['ada@uni.test,robotics,UTC,7,Mon,3', 'weekdays "Mon" must be like 1-5'],
    ['ada@uni.test,robotics,UTC,7,,0', 'papers must be from 1 to 30'],
    ['ada@uni.test,robotics,UTC,7,,31', 'papers must be from 1 to 30'],
    ['ada@uni.test,robotics,UTC,7,,many', 'papers must be from 1 to 30'],
    ['ada@uni.test,the of and,UTC,7,,3', 'has no word to look for'],
    ['ada@uni.test,-robots,UTC,7,,3', 'only says what to leave out'],
    [`ada@uni.test,${'x'.repeat(81)},UTC,7,,3`, 'at most 80 characters'],
    [`ada@uni.test,${override}\u0007,UTC,7,,3`, 'is empty'],
    [',robotics,UTC,7,,3', 'has no email'],
    ['ada,robotics,UTC,7,,3', '"ada" is not an address'],
    [`${override}ada@uni.test,robotics,UTC,7,,3`, '"\uFFFDada@uni.test" is not an address'],
    ['"ada@uni.test\r\nBcc: eve@uni.test",robotics,UTC,7,,3', 'is not an address'],
    ['"ada@uni\ntest.test",robotics,UTC,7,,3', 'is not an address'],
  ])('%j', async (line, reason) => {
    const { added, rejected } = await load(`${header}\n${line}\neve@uni.test,robotics,UTC,7,,3\n`);
    expect(added).toBe(1);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]!.line).toBe(2);
    expect(rejected[0]!.reason).toContain(reason);
    expect(rejected[0]!.reason).not.toMatch(/[\p{C}]/u);
    expect(await countRows()).toMatchObject({ readers: 1 });
  });

  test('all of them, in the order of the file, by its own line numbers', async () => {
    const content = `${header}\n\nada@uni.test,,UTC,99,,\n"bad"quote,,,,,\neve@uni.test,,,,,\nnobody,,,,,\n`;
    const { added, rejected } = await load(content);
    expect([added, rejected.map(({ line }) => line)]).toEqual([1, [3, 4, 6]]);
  });

  test('ten thousand topics', async () => {
    const topics = Array.from({ length: 10_000 }, (_, n) => `t${n}`).join(';');
    const { rejected } = await load(`email,topics\nada@uni.test,${topics}\n`);
    expect(rejected).toEqual([{ line: 2, reason: 'At most 50 topics, please; there are 10000.' }]);
    expect(await countRows()).toMatchObject({ readers: 0, topics: 0 });
  });

  test('control and direction characters never get into a topic', async () => {
    await load(`email,topics\nada@uni.test,"${override}robot\u0007 \u001b[31mhands\u200b"\n`);
    expect((await stored('ada@uni.test'))?.topics).toEqual(['robot [31mhands']);
  });
});

test('a file that can’t be read leaves nothing behind', async () => {
  await expect(load('')).rejects.toThrow('is empty');
  await expect(load('name\nada@uni.test\n')).rejects.toThrow('no "email" column');
  await expect(load(Buffer.concat([Buffer.from(ada), Buffer.alloc(9)]))).rejects.toThrow('is no text');
  await expect(importSubscribers(ctx, folder.path, { confirmed: true })).rejects.toThrow('is not a file');
  const huge = await folder.write('huge', ada);
  await truncate(huge, 300_000_000);
  await expect(importSubscribers(ctx, huge, { confirmed: true })).rejects.toThrow('300 MB');
  expect(await countRows()).toEqual({ readers: 0, follows: 0, topics: 0, notices: 0 });
});
