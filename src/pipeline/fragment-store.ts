import { createHash } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { CompiledFragment } from '../render/assemble.ts';
import { compile, type Template } from '../render/compile.ts';
import type { FragmentBytes } from '../render/freeze.ts';
import { assemblerVersion } from '../render/shell.ts';

/**
 * Frozen fragments and shells, by content: rendering the same thing twice gives the same row. What is once stored never
 * changes, so everything here may be kept in memory, within bounds.
 */
export interface FragmentStore {
  /** The id of the fragment that `render` makes; rendered at most once a process for each `name`. */
  idOf(name: string, render: () => FragmentBytes | Promise<FragmentBytes>): Promise<number>;
  load(ids: Iterable<number>): Promise<ReadonlyMap<number, CompiledFragment>>;
  shellIdOf(name: string, render: () => Promise<Buffer>): Promise<number>;
  loadShell(id: number): Promise<Template>;
}

const namesKeptMax = 50_000;
const fragmentsKeptMax = 20_000;

export function openFragmentStore(db: Kysely<Database>): FragmentStore {
  const names = new Map<string, Promise<number>>();
  const compiled = new Map<number, CompiledFragment>();
  const shells = new Map<number, Template>();

  function remember(name: string, make: () => Promise<number>): Promise<number> {
    const known = names.get(name);
    if (known) return known;
    const making = make();
    names.set(name, making);
    making.catch(() => names.delete(name));
    bound(names, namesKeptMax);
    return making;
  }

  return {
    idOf: (name, render) => remember(name, async () => insertFragment(db, await render())),
    shellIdOf: (name, render) => remember(`shell ${name}`, async () => insertShell(db, await render())),
    async load(ids) {
      const found = new Map<number, CompiledFragment>();
      const missing: number[] = [];
      for (const id of new Set(ids)) {
        const known = compiled.get(id);
        if (known) found.set(id, known);
        else missing.push(id);
      }
      for (const [id, fragment] of await readFragments(db, missing)) {
        found.set(id, fragment);
        compiled.set(id, fragment);
      }
      bound(compiled, fragmentsKeptMax);
      return found;
    },
    async loadShell(id) {
      const known = shells.get(id);
      if (known) return known;
      const row = await db.selectFrom('shells').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      if (row.assembler_version !== assemblerVersion) {
        throw new Error(
          `Shell ${id} was made for assembler ${row.assembler_version}; this release has ${assemblerVersion}.`,
        );
      }
      const template = compile(row.bytes);
      shells.set(id, template);
      return template;
    },
  };
}

/** Stores a fragment under its content hash. Two processes with the same content get the same id. */
async function insertFragment(db: Kysely<Database>, { html, text }: FragmentBytes): Promise<number> {
  const sha256 = createHash('sha256').update(html).update('\0').update(text).digest();
  const { rows } = await sql<{ id: number }>`
    with made as (
      insert into fragments (sha256, html, text) values (${sha256}, ${html}, ${text})
      on conflict (sha256) do nothing returning id
    ) select id from made union all select id from fragments where sha256 = ${sha256} limit 1
  `.execute(db);
  if (rows[0]) return rows[0].id;
  // Another process committed it between the insert and the look: it is there now.
  const row = await db
    .selectFrom('fragments')
    .select('id')
    .where('sha256', '=', sha256)
    .executeTakeFirstOrThrow();
  return row.id;
}

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

async function readFragments(
  db: Kysely<Database>,
  ids: number[],
): Promise<Iterable<[number, CompiledFragment]>> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('fragments')
    .select(['id', 'html', 'text'])
    .where('id', 'in', ids)
    .execute();
  return rows.map((row) => [row.id, { html: compile(row.html), text: compile(row.text) }]);
}

/** Forgets the oldest entries beyond the bound. */
function bound(map: Map<unknown, unknown>, max: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= max) return;
    map.delete(oldest);
  }
}
