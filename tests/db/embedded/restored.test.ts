import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { openDatabase, openPool } from '../../../src/db/connect.ts';
import { openHome } from '../../../src/db/embedded/home.ts';
import { joinEmbedded } from '../../../src/db/embedded/join.ts';
import { readGate } from '../../../src/db/gates.ts';
import { migrate } from '../../../src/db/migrate.ts';
import { noticeMove } from '../../../src/db/server-identity.ts';

const settings = ['fsync=off', "restore_command='false'"];

/** What a process that starts on this cluster finds: its identity, and whether mail may leave. */
async function start(dataDir: string) {
  const postgres = await joinEmbedded(dataDir, { settings });
  const pool = openPool(postgres.databaseUrl, { max: 2, applicationName: 'restored' });
  const db = openDatabase(pool);
  try {
    await migrate(pool);
    const hasMoved = await noticeMove(db);
    const { haltedAt } = await readGate(db, 'any');
    const { rows } = await pool.query<{ is: string }>('select server_identity() as is');
    return { hasMoved, isHalted: haltedAt !== null, identity: rows[0]!.is };
  } finally {
    await pool.end();
    await postgres.leave();
  }
}

test('a cluster keeps its identity over restarts; restored from its archive it is on another timeline, and halts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'broadsheet-restored-'));
  await chmod(folder, 0o711);
  const dataDir = join(folder, 'data');
  try {
    const first = await start(dataDir);
    expect(first).toMatchObject({ hasMoved: false, isHalted: false });
    expect(await start(dataDir)).toEqual(first);

    // Recovery to the end of what there is, as after a base backup: the server goes on where it ends, as a new timeline.
    const { data } = await openHome(dataDir);
    const signal = join(data, 'recovery.signal');
    await writeFile(signal, '');
    const { uid, gid } = await stat(data);
    await chown(signal, uid, gid);
    const [system, timeline] = first.identity.split('/');
    const identity = `${system}/${Number(timeline) + 1}`;
    expect(await start(dataDir)).toEqual({ hasMoved: true, isHalted: true, identity });

    // Another cluster has another system identifier, which a dump brings along as a row.
    const other = openPool(inject('templateUrl'), { max: 1, applicationName: 'restored' });
    const { rows } = await other.query<{ is: string }>('select server_identity() as is');
    await other.end();
    expect(rows[0]!.is.split('/')[0]).not.toBe(system);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
