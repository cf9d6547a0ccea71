import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beat, heartbeatFile, startHeartbeat } from '../src/heartbeat.ts';
import { openTestContext, type TestContext } from './support/context.ts';
import { killLease } from './support/steps.ts';

let ctx: TestContext;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broadsheet-heartbeat-'));
  ctx = await openTestContext({ env: { BROADSHEET_DATA_DIR: folder } });
});
afterAll(async () => {
  await ctx.close();
  await rm(folder, { recursive: true, force: true });
});

const path = () => join(folder, heartbeatFile);

test('a process that is well touches the file, and takes it away when it stops', async () => {
  const stop = startHeartbeat(ctx);
  while (!(await stat(path()).catch(() => undefined))) await ctx.pool.query('select 1');
  expect((await stat(path())).mode & 0o777).toBe(0o600);
  await stop();
  await expect(stat(path())).rejects.toThrow('ENOENT');
});

test('without its lease, or without its database, the file only grows older', async () => {
  await beat(ctx, path());
  const before = await readFile(path(), 'utf8');
  const lost = {
    ...ctx,
    lease: {
      ...ctx.lease!,
      id: () => {
        throw new Error('no lease');
      },
    },
  };
  await beat(lost, path());
  expect(await readFile(path(), 'utf8')).toBe(before);
  await killLease(ctx);
  const away = { ...ctx, db: { transaction: () => ({ execute: () => Promise.reject(new Error('away')) }) } };
  await beat(away as never, path());
  expect(await readFile(path(), 'utf8')).toBe(before);
});
