import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openContext } from '../src/context.ts';
import { openTestContext } from './support/context.ts';

/** A way to the database of this URL that breaks off the first `times` connections, as a server that starts does. */
async function openWeakWay(databaseUrl: string, times: number): Promise<{ url: string; server: Server }> {
  const { port, hostname } = new URL(databaseUrl);
  let asked = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (++asked <= times) return void socket.destroy();
    const upstream = connect(Number(port), hostname);
    upstream.on('error', () => {});
    socket.pipe(upstream).pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  return { url: Object.assign(new URL(databaseUrl), { host }).href, server };
}

test('a process that starts while Postgres restarts waits for it, says so once, and holds a lease then', async () => {
  const beside = await openTestContext();
  const { url, server } = await openWeakWay(beside.databaseUrl, 2);
  const lines: string[] = [];
  const logSink = { write: (line: string) => void lines.push(line) };
  const config = { ...beside.config, databaseUrl: url, logLevel: 'warn' as const };
  const ctx = await openContext(config, { delivers: true, waitsMs: 30_000, logSink });
  expect((await sql`select 1 as one`.execute(ctx.db)).rows).toEqual([{ one: 1 }]);
  expect(ctx.lease!.id()).toBeGreaterThan(0);
  expect(lines.filter((line) => line.includes('"Waiting. Postgres at 127.0.0.1:'))).toHaveLength(1);
  await ctx.close();
  server.close();
  await beside.close();
});

test('a command ends at once where Postgres does not answer, and says where it looked and nothing secret', async () => {
  const beside = await openTestContext();
  const { url, server } = await openWeakWay(beside.databaseUrl, Infinity);
  const { host, pathname, password } = new URL(url);
  const error = await openContext({ ...beside.config, databaseUrl: url }).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: 'DatabaseError' });
  const { message } = error as Error;
  expect(message).toMatch(/does not answer \(.+\)\. Start it, or mend DATABASE_URL\.$/);
  expect(message).toContain(`Postgres at ${host}${pathname} `);
  expect(message).not.toContain(password);
  server.close();
  await beside.close();
});

test('what waiting does not mend is said at once: no such database', async () => {
  const beside = await openTestContext();
  const url = Object.assign(new URL(beside.databaseUrl), { pathname: '/nobody_made_this' }).href;
  const opening = openContext({ ...beside.config, databaseUrl: url }, { waitsMs: 30_000 });
  await expect(opening).rejects.toMatchObject({ code: '3D000' });
  await beside.close();
});
