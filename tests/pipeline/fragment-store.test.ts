import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFragmentStore } from '../../src/pipeline/fragment-store.ts';
import { sql } from 'kysely';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
beforeAll(async () => void (database = await openTestDatabase()));
afterAll(() => database.close());

const bytes = (html: string, text = html) => ({ html: Buffer.from(html), text: Buffer.from(text) });

test('the same content has one id, whoever renders it, at once or later', async () => {
  const stores = [openFragmentStore(database.db), openFragmentStore(database.db)];
  const ids = await Promise.all(
    Array.from({ length: 20 }, async (_, n) => stores[n % 2]!.idOf(`name ${n}`, () => bytes('one'))),
  );
  expect(new Set(ids).size).toBe(1);
  const { rows } = await sql`select 1 from fragments`.execute(database.db);
  expect(rows).toHaveLength(1);
});

test('html and text count, and so does where one ends and the other begins', async () => {
  const store = openFragmentStore(database.db);
  const ids = [
    await store.idOf('a', () => bytes('ab', 'c')),
    await store.idOf('b', () => bytes('a', 'bc')),
    await store.idOf('c', () => bytes('ab', 'd')),
  ];
  expect(new Set(ids).size).toBe(3);
});

test('a name is rendered once a process, and again only if it failed', async () => {
  const store = openFragmentStore(database.db);
  let rendered = 0;
  const render = () => {
    rendered += 1;
    if (rendered === 1) throw new Error('the first time fails');
    return bytes('rendered');
  };
  await expect((async () => store.idOf('name', render))()).rejects.toThrow('fails');
  const ids = await Promise.all([1, 2, 3].map(async () => store.idOf('name', render)));
  expect(new Set(ids).size).toBe(1);
  expect(rendered).toBe(2);
});

test('frozen bytes are read in one go, and what is gone is named', async () => {
  const store = openFragmentStore(database.db);
  const id = await store.idOf('name', () => bytes('before \u0001\u0040 after', 'text'));
  const other = openFragmentStore(database.db);
  expect([...(await other.readFragments([id]))]).toEqual([[id, bytes('before \u0001\u0040 after', 'text')]]);
  await expect(other.readFragments([id, 987_654])).rejects.toThrow('gone from the database: 987654.');
});

test('what is read, made here or elsewhere, brings no other memory along', async () => {
  const store = openFragmentStore(database.db);
  const id = await store.idOf('small', () => bytes('small html', 'small'));
  for (const reader of [store, openFragmentStore(database.db)]) {
    const { html, text } = (await reader.readFragments([id])).get(id)!;
    expect([html.toString(), text.toString()]).toEqual(['small html', 'small']);
    for (const { buffer } of [html, text]) expect(buffer.byteLength).toBe(html.length + text.length);
  }
});

test('a shell of another assembler is refused with a sentence', async () => {
  const store = openFragmentStore(database.db);
  const id = await store.shellIdOf('shell', () => Buffer.from('{}'));
  expect(await store.shellIdOf('other name', () => Buffer.from('{}'))).toBe(id);
  await sql`update shells set assembler_version = 99 where id = ${id}`.execute(database.db);
  await expect(openFragmentStore(database.db).readShell(id)).rejects.toThrow('made for assembler 99');
});
