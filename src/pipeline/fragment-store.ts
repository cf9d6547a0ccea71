import { createHash } from 'node:crypto';
import { setImmediate as allAsked } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { FragmentBytes } from '../render/freeze.ts';
import { assemblerVersion } from '../render/shell.ts';

/**
 * Frozen fragments and shells, by content: rendering the same thing twice gives the same row. What is once stored never
 * changes, so everything here may be kept in memory, within bounds.
 */
export interface FragmentStore {
  /**
   * The id of the fragment that `render` makes; rendered at most once a process for each `name`. At once where it is
   * known, since a digest asks for two dozen.
   */
  idOf(name: string, render: () => FragmentBytes | Promise<FragmentBytes>): number | Promise<number>;
  /** Their frozen bytes, in one go. Throws where one is not there. */
  readFragments(ids: readonly number[]): Promise<ReadonlyMap<number, FragmentBytes>>;
  shellIdOf(name: string, render: () => Buffer): Promise<number>;
  /** Throws where the shell was made for another assembler. */
  readShell(id: number): Promise<Buffer>;
}

const namesKeptMax = 50_000;
/** Bytes are wanted again soon after they were made, by the press; and it keeps its own. */
const fragmentsKeptMax = 1_000;

export function openFragmentStore(db: Kysely<Database>): FragmentStore {
  const names = new Map<string, number | Promise<number>>();
  const insert = openInserts(db);
  const kept = new Map<number, FragmentBytes>();
  const shells = new Map<number, Buffer>();

  function remember(name: string, make: () => Promise<number>): number | Promise<number> {
    const known = names.get(name);
    if (known !== undefined) return known;
    const making = make();
    names.set(name, making);
    making.then(
      (id) => names.has(name) && names.set(name, id),
      () => names.delete(name),
    );
    bound(names, namesKeptMax);
    return making;
  }

  function keep(id: number, bytes: FragmentBytes): FragmentBytes {
    const own = standAlone(bytes);
    kept.set(id, own);
    bound(kept, fragmentsKeptMax);
    return own;
  }

  return {
    idOf: (name, render) =>
      remember(name, async () => {
        const bytes = await render();
        const id = await insert(bytes);
        // Whoever composes most often delivers as well.
        keep(id, bytes);
        return id;
      }),
    shellIdOf: async (name, render) => remember(`shell ${name}`, () => insertShell(db, render())),
    async readFragments(ids) {
      const found = new Map<number, FragmentBytes>();
      const missing: number[] = [];
      for (const id of ids) {
        const known = kept.get(id);
        if (known) found.set(id, known);
        else missing.push(id);
      }
      for (const [id, bytes] of await readStored(db, missing)) {
        found.set(id, keep(id, bytes));
      }
      return found;
    },
    async readShell(id) {
      const known = shells.get(id);
      if (known) return known;
      const row = await db.selectFrom('shells').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      if (row.assembler_version !== assemblerVersion) {
        throw new Error(
          `Shell ${id} was made for assembler ${row.assembler_version}; this release has ${assemblerVersion}.`,
        );
      }
      shells.set(id, row.bytes);
      return row.bytes;
    },
  };
}

/**
 * Stores fragments under their content hashes, those asked for at one time in one statement: a range of readers needs
 * hundreds of new ones, and a commit for each took longer than all else. One statement at a time: what is asked for
 * meanwhile goes in the next, and no more than one connection is at it.
 */
function openInserts(db: Kysely<Database>): (bytes: FragmentBytes) => Promise<number> {
  let waiting: (FragmentBytes & { sha256: Buffer })[] = [];
  let flushing: Promise<ReadonlyMap<string, number>> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return async ({ html, text }) => {
    const sha256 = createHash('sha256').update(html).update('\0').update(text).digest();
    waiting.push({ html, text, sha256 });
    flushing ??= last
      .then(() => allAsked())
      .then(() => {
        const inserting = insertFragments(db, waiting);
        last = inserting.catch(() => {});
        [waiting, flushing] = [[], undefined];
        return inserting;
      });
    return (await flushing).get(sha256.toString('hex'))!;
  };
}

/** Two processes with the same content get the same ids. In the order of hashes, so that they never wait in a circle. */
async function insertFragments(
  db: Kysely<Database>,
  fragments: readonly (FragmentBytes & { sha256: Buffer })[],
): Promise<ReadonlyMap<string, number>> {
  const ids = new Map<string, number>();
  for (let start = 0; start < fragments.length; start += fragmentsAtOnceMax) {
    const some = fragments.slice(start, start + fragmentsAtOnceMax);
    const hashes = some.map(({ sha256 }) => sha256);
    const { rows } = await sql<{ id: number; hex: string }>`
      insert into fragments (sha256, html, text)
      select distinct on (sha256) sha256, html, text from unnest(${hashes}::bytea[],
        ${some.map(({ html }) => html)}::bytea[], ${some.map(({ text }) => text)}::bytea[]) f(sha256, html, text)
      where not exists (select 1 from fragments k where k.sha256 = f.sha256) order by sha256
      on conflict (sha256) do nothing returning id, encode(sha256, 'hex') hex
    `.execute(db);
    for (const { id, hex } of rows) ids.set(hex, id);
    if (ids.size === fragments.length) continue;
    // What was there, or was committed by another process meanwhile.
    const { rows: known } = await sql<{ id: number; hex: string }>`
      select id, encode(sha256, 'hex') hex from fragments where sha256 = any(${hashes}::bytea[])`.execute(db);
    for (const { id, hex } of known) ids.set(hex, id);
  }
  return ids;
}
const fragmentsAtOnceMax = 500;

async function insertShell(db: Kysely<Database>, bytes: Buffer): Promise<number> {
  const sha256 = createHash('sha256').update(`${assemblerVersion}\0`).update(bytes).digest();
  await db
    .insertInto('shells')
    .values({ sha256, assembler_version: assemblerVersion, bytes })
    .onConflict((conflict) => conflict.column('sha256').doNothing())
    .execute();
  const row = await db
    .selectFrom('shells')
    .select('id')
    .where('sha256', '=', sha256)
    .executeTakeFirstOrThrow();
  return row.id;
}

async function readStored(db: Kysely<Database>, ids: number[]): Promise<[number, FragmentBytes][]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('fragments')
    .select(['id', 'html', 'text'])
    .where('id', '=', sql<number>`any(${ids}::int[])`)
    .execute();
  if (rows.length < ids.length) {
    const there = new Set(rows.map(({ id }) => id));
    throw new Error(
      `Fragments are gone from the database: ${ids.filter((id) => !there.has(id)).join(', ')}.`,
    );
  }
  return rows.map(({ id, html, text }) => [id, { html, text }]);
}

/**
 * The same bytes in memory of their own. A small buffer shares its memory with whatever was written beside it, and would
 * keep all of that, and take it along to the press.
 */
function standAlone({ html, text }: FragmentBytes): FragmentBytes {
  const both = Buffer.allocUnsafeSlow(html.length + text.length);
  html.copy(both);
  text.copy(both, html.length);
  return { html: both.subarray(0, html.length), text: both.subarray(html.length) };
}

/** Forgets the oldest entries beyond the bound. */
function bound(map: Map<unknown, unknown>, max: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= max) return;
    map.delete(oldest);
  }
}
