import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Resend } from 'resend';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addMailboxSuppressions } from '../../src/db/mailbox-suppressions.ts';
import { resendList } from '../../src/transport/resend-list.ts';
import type { SuppressionList } from '../../src/transport/suppression-list.ts';
import { openTestContext, type TestContext } from '../support/context.ts';

describe('the list of the mailbox', () => {
  let ctx: TestContext;
  let list: SuppressionList;
  beforeAll(async () => {
    ctx = await openTestContext({ delivers: false });
    list = ctx.transport.suppressions!;
  });
  afterAll(() => ctx.close());

  test('takes an address, tells of it, and lets it go, each as often as it is asked', async () => {
    expect(await list.find('ada@uni.test')).toBe('absent');
    for (let time = 0; time < 2; time++) expect(await list.add('ada@uni.test')).toBe(true);
    expect(await list.find('ada@uni.test')).toMatchObject({ address: 'ada@uni.test', origin: 'manual' });
    for (let time = 0; time < 2; time++) expect(await list.remove('ada@uni.test')).toBe(true);
    expect(await list.find('ada@uni.test')).toBe('absent');
  });

  test('comes in pages, the newest first, with what put each address there', async () => {
    const mailId = '56761188-7520-42d8-8898-ff6fc54ce618';
    await addMailboxSuppressions(ctx.db, ['first@uni.test'], 'complaint', mailId);
    const many = Array.from({ length: 120 }, (_, n) => `reader${n}+x@uni.test`);
    await addMailboxSuppressions(ctx.db, many, 'bounce');
    const first = (await list.page())!;
    const second = (await list.page(first.entries.at(-1)!.id))!;
    expect([first.entries.length, first.hasMore, second.entries.length, second.hasMore]).toEqual([
      100,
      true,
      21,
      false,
    ]);
    expect(second.entries.at(-1)).toMatchObject({ address: 'first@uni.test', origin: 'complaint', mailId });
    expect(Math.abs(second.entries.at(-1)!.at.getTime() - Date.now())).toBeLessThan(60_000);
  });
});

describe('an answer that proves nothing', () => {
  let server: Server;
  let list: SuppressionList;
  let answer: { status: number; body: string };
  beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    list = resendList(new Resend('re_1', { baseUrl: `http://127.0.0.1:${port}` }));
  });
  afterAll(() => void server.close());

  test.each([
    [200, '<html>Log in</html>'],
    [200, '{}'],
    [200, 'null'],
    [200, '{"id":7,"data":7,"deleted":"yes"}'],
    [401, '{"statusCode":401,"name":"restricted_api_key","message":"only send"}'],
    [403, '{"statusCode":403,"name":"not_found"}'],
    [429, '{"statusCode":429,"name":"rate_limit_exceeded"}'],
    [500, ''],
    [502, '<html>'],
  ])('%i %s is none', async (status, body) => {
    answer = { status, body };
    const said = [
      await list.find('a@uni.test'),
      await list.add('a@uni.test'),
      await list.remove('a@uni.test'),
    ];
    expect([...said, await list.page()]).toEqual([undefined, false, false, undefined]);
  });

  test('entries of shapes that nobody knows are left out of a page', async () => {
    const good = {
      id: 'x',
      email: 'a@uni.test',
      origin: 'manual',
      created_at: '2025-11-30 20:39:59.540771+00',
    };
    const odd = [
      null,
      7,
      {},
      { ...good, origin: 'moon' },
      { ...good, created_at: 'soon' },
      { ...good, id: 1 },
    ];
    answer = { status: 200, body: JSON.stringify({ data: [...odd, good], has_more: 'yes' }) };
    expect(await list.page()).toEqual({
      hasMore: false,
      entries: [
        {
          id: 'x',
          address: 'a@uni.test',
          origin: 'manual',
          mailId: undefined,
          at: new Date('2025-11-30T20:39:59.540Z'),
        },
      ],
    });
  });
});
