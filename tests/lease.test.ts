import { createServer, connect, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimBatch, releaseBatch, settleBatch } from '../src/db/batches.ts';
import { type Lease, openLease } from '../src/lease.ts';
import { openLog } from '../src/log.ts';
import { Retryable } from '../src/queue/errors.ts';
import { openTestDatabase, type TestDatabase } from './support/database.ts';

const log = openLog('silent');

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  await sql`insert into editions (date) values ('2026-03-20')`.execute(database.db);
  await sql`insert into ranges (edition_date, slot_ids, from_id, to_id, made_at, expected)
    values ('2026-03-20', '{1}', 1, 9, now(), 9)`.execute(database.db);
});
afterAll(() => database.close());

async function newBatch(): Promise<number> {
  const { rows } = await sql<{
    id: number;
  }>`insert into batches (edition_date, range_id, from_id, to_id, positions)
    select edition_date, id, 1, 9, '{0,1,2}' from ranges returning id`.execute(database.db);
  return rows[0]!.id;
}

async function isHeld(id: number): Promise<boolean> {
  const { rows } = await sql`select 1 from pg_locks where locktype = 'advisory' and objsubid = 2
    and objid = ${id}`.execute(database.db);
  return rows.length > 0;
}

/** Ends the lease's connection as a dying process does. */
async function kill(id: number): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_locks where objsubid = 2 and objid = ${id}`.execute(
    database.db,
  );
  while (await isHeld(id));
}

function idOf(lease: Lease): number | undefined {
  try {
    return lease.id();
  } catch (error) {
    if (error instanceof Retryable) return undefined;
    throw error;
  }
}

async function renewed(lease: Lease, before: number): Promise<number> {
  for (;;) {
    const id = idOf(lease);
    if (id !== undefined && id !== before) return id;
    await isHeld(before);
  }
}

test('two leases have two ids, each held until its process closes it', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => openLease(database.databaseUrl, log)));
  const ids = [first!.id(), second!.id()];
  expect(new Set(ids).size).toBe(2);
  expect(await Promise.all(ids.map(isHeld))).toEqual([true, true]);
  await first!.close();
  while (await isHeld(ids[0]!));
  expect(await isHeld(ids[1]!)).toBe(true);
  await second!.close();
});

test('a batch claimed under a living lease is nobody else’s, under a dead one anybody’s at once', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => openLease(database.databaseUrl, log)));
  const batchId = await newBatch();
  const held = first!.id();
  expect(await claimBatch(database.db, batchId, held)).toMatchObject({ id: batchId, state: 'composed' });
  expect(await claimBatch(database.db, batchId, second!.id())).toBeUndefined();
  expect(await claimBatch(database.db, batchId, held)).toMatchObject({ id: batchId, state: 'composed' });
  await kill(held);
  expect(await claimBatch(database.db, batchId, second!.id())).toMatchObject({ id: batchId });
  expect(await claimBatch(database.db, batchId, held)).toBeUndefined();
  expect(await releaseBatch(database.db, { id: batchId, lease: held }, { afterMs: 0 })).toBe(false);
  expect(await settleBatch(database.db, { id: batchId, lease: held }, { state: 'failed' })).toBe(false);
  await Promise.all([first!.close(), second!.close()]);
});

test('of two who claim at once, one gets it', async () => {
  const [first, second] = await Promise.all([1, 2].map(() => openLease(database.databaseUrl, log)));
  const batchId = await newBatch();
  const claims = await Promise.all(
    [first!, second!, first!, second!].map((lease) => claimBatch(database.db, batchId, lease.id())),
  );
  const { rows } = await sql<{ lease: number }>`select lease from batches where id = ${batchId}`.execute(
    database.db,
  );
  const mine = [first!.id(), second!.id(), first!.id(), second!.id()].map((id) => id === rows[0]!.lease);
  expect(claims.map((claim) => claim !== undefined)).toEqual(mine);
  await Promise.all([first!.close(), second!.close()]);
});

test('a lease that lost its connection has a new id soon, and none in between', async () => {
  const lease = await openLease(database.databaseUrl, log);
  const before = lease.id();
  await kill(before);
  while (idOf(lease) === before) await isHeld(before);
  expect(() => lease.id()).toThrow('holds no lease');
  const after = await renewed(lease, before);
  expect(await isHeld(after)).toBe(true);
  await lease.close();
  while (await isHeld(after));
});

test('closing while there is no connection ends at once and leaves none behind', async () => {
  const lease = await openLease(database.databaseUrl, log);
  const before = lease.id();
  await kill(before);
  while (idOf(lease) === before) await isHeld(before);
  await lease.close();
  const { rows } = await sql`select 1 from pg_stat_activity where application_name = 'broadsheet lease'
    and datname = current_database()`.execute(database.db);
  expect(rows).toEqual([]);
});

test('a server that is away is asked again once at a time', async () => {
  const { port: upstream, hostname } = new URL(database.databaseUrl);
  const sockets = new Set<Socket>();
  let asked = 0;
  let isAway = false;
  const proxy = createServer((socket) => {
    asked += 1;
    socket.on('error', () => {});
    if (isAway) return void socket.destroy();
    const server = connect(Number(upstream), hostname);
    server.on('error', () => {});
    for (const end of [socket, server]) sockets.add(end);
    socket.pipe(server).pipe(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = Object.assign(new URL(database.databaseUrl), {
    host: `127.0.0.1:${(proxy.address() as { port: number }).port}`,
  });
  const lease = await openLease(url.href, log);
  const before = lease.id();
  isAway = true;
  for (const socket of sockets) socket.destroy();
  // Two failed attempts, a second apart; whoever starts two for each failed one is at three by now, and soon at seven.
  while (asked < 3) await isHeld(before);
  const askedAt = performance.now();
  isAway = false;
  await renewed(lease, before);
  expect(asked).toBe(4);
  expect(performance.now() - askedAt).toBeGreaterThan(500);
  await lease.close();
  await new Promise((resolve) => proxy.close(resolve));
});
