import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  addTopic,
  countFollowers,
  editTopic,
  mergeTopics,
  returnToFile,
  setRetired,
} from '../../src/db/topic-edits.ts';
import { ensureTopics, listTopics, openTopicReader, syncCuratedTopics } from '../../src/db/topics.ts';
import { curatedTopics, definitionOf } from '../../src/domain/topic.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { wipe } from '../support/wipe.ts';

let ctx: TestContext;
beforeAll(async () => void (ctx = await openTestContext({ delivers: false })));
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  await seedDay(ctx, '2026-03-19', [
    { title: 'A folded crane learns', abstract },
    { title: 'On sonnets', abstract: 'Poems rhyme.' },
    ...['Bees', 'Proteins', 'Tides', 'Glass'].map((title) => ({
      title,
      abstract: `${title} are looked at.`,
    })),
  ]);
});

const abstract = 'Qubits and gates make a folded crane. A folded crane computes.';
const origami = { slug: 'origami', name: 'Origami', description: '', definition: '"folded crane"' };
const sonnets = { slug: 'sonnets', name: 'Sonnets', description: '', definition: '"sonnets"' };

async function add(words = origami): Promise<number> {
  const edit = await addTopic(ctx.db, words, 'operator');
  if ('fault' in edit) throw new Error(edit.fault);
  return edit.id;
}

async function matched(id: number): Promise<string[]> {
  const { rows } = await sql<{
    title: string;
  }>`select p.title from matches m join papers p on p.id = m.paper_id
    where m.topic_id = ${id} order by 1`.execute(ctx.db);
  return rows.map(({ title }) => title);
}

async function followsOf(id: number): Promise<string[]> {
  const { rows } = await sql<{ is: string }>`select subscriber_id || ' ' || mode "is" from follows
    where topic_id = ${id} order by 1`.execute(ctx.db);
  return rows.map((row) => row.is);
}

async function log(): Promise<string[]> {
  const { rows } = await sql<{
    is: string;
  }>`select action || ': ' || subject "is" from operator_actions order by id`.execute(ctx.db);
  return rows.map((row) => row.is).slice(-2);
}

describe('a topic that an operator', () => {
  test('adds is matched at once, offered, and chosen by slug or name', async () => {
    const id = await add();
    expect(await matched(id)).toEqual(['A folded crane learns']);
    expect((await listTopics(ctx.db)).map(({ slug }) => slug)).toContain('origami');
    const ids = await ensureTopics(ctx.db, ['origami', 'ORIGAMI', 'topic: origami']);
    expect([...ids.values()]).toEqual([id, id, id]);
    expect(await log()).toEqual(['added a topic: origami']);
  });

  test('adds in the words of readers takes them up with it', async () => {
    const [reader] = await seedReaders(ctx, 1, { topics: ['"folded crane"'] });
    const id = await add();
    expect(await followsOf(id)).toEqual([`${reader!.id} follow`]);
  });

  test('changes loses its old matches, and upgrades leave it alone', async () => {
    const id = await add();
    expect(await editTopic(ctx.db, id, { ...origami, definition: '"sonnets"' }, 'operator')).toEqual({ id });
    expect(await matched(id)).toEqual(['On sonnets']);

    await syncCuratedTopics(ctx.db);
    const [own] = await listTopics(ctx.db);
    await editTopic(ctx.db, own!.id, { ...origami, slug: own!.slug!, name: 'Other words' }, 'operator');
    await syncCuratedTopics(ctx.db);
    expect((await listTopics(ctx.db)).find((topic) => topic.id === own!.id)).toMatchObject({
      name: 'Other words',
      slug: own!.slug,
    });
    expect((await ensureTopics(ctx.db, [own!.slug!])).get(own!.slug!)).toBe(own!.id);
    expect((await ensureTopics(ctx.db, ['Other words'])).get('Other words')).toBe(own!.id);

    await returnToFile(ctx.db, own!.id, 'operator');
    expect((await listTopics(ctx.db)).find((topic) => topic.id === own!.id)).toMatchObject({
      name: curatedTopics[0]!.name,
      definition: definitionOf(curatedTopics[0]!),
    });
  });

  test('adds beside one of that name, or that looks for the same, is refused', async () => {
    const id = await add();
    expect(await addTopic(ctx.db, { ...origami, definition: '"x"' }, 'operator')).toEqual({
      fault: expect.stringContaining('of that name already'),
    });
    expect(await addTopic(ctx.db, { ...sonnets, definition: origami.definition }, 'operator')).toEqual({
      fault: expect.stringContaining('looks for just the same'),
    });
    const other = await add(sonnets);
    expect(
      await editTopic(ctx.db, other, { ...sonnets, definition: origami.definition }, 'operator'),
    ).toHaveProperty('fault');
    expect(await editTopic(ctx.db, id, origami, 'operator')).toEqual({ id });
  });

  test('retires is no longer offered nor matched, though its readers keep it; and can come back', async () => {
    const id = await add();
    const [reader] = await seedReaders(ctx, 1, { topics: ['origami'] });
    await setRetired(ctx.db, id, true, 'operator');
    await syncCuratedTopics(ctx.db);
    await seedDay(ctx, '2026-03-20', [{ title: 'Another folded crane', abstract }]);
    expect(await matched(id)).toEqual(['A folded crane learns']);
    expect((await listTopics(ctx.db)).map(({ slug }) => slug)).not.toContain('origami');
    expect((await openTopicReader(ctx.db))('origami')).toMatchObject({ definition: 'origami' });
    expect(await followsOf(id)).toEqual([`${reader!.id} follow`]);
    expect(await countFollowers(ctx.db, id)).toEqual({ followers: 1, alone: 1, muted: 0 });

    await setRetired(ctx.db, id, false, 'operator');
    expect(await matched(id)).toHaveLength(2);
    expect(await log()).toEqual(['retired a topic: origami', 'brought a topic back: origami']);
  });
});

describe('a merge', () => {
  test('moves follows and mutes, but no word that was said of the other topic already', async () => {
    const [from, into] = [await add(), await add(sonnets)];
    const [one, two, three] = await seedReaders(ctx, 3, { topics: ['origami'] });
    await sql`update follows set mode = 'mute' where subscriber_id = ${two!.id}`.execute(ctx.db);
    await sql`insert into follows values (${three!.id}, ${into}, 'mute')`.execute(ctx.db);
    expect(await mergeTopics(ctx.db, { from, into, takesPhrases: true }, 'operator')).toEqual({ id: into });
    expect(await followsOf(from)).toEqual([]);
    expect(await followsOf(into)).toEqual([`${one!.id} follow`, `${two!.id} mute`, `${three!.id} mute`]);
    expect(await matched(into)).toEqual(['A folded crane learns', 'On sonnets']);
    expect((await ensureTopics(ctx.db, ['origami'])).get('origami')).toBe(into);
    expect(await log()).toEqual(['added a topic: sonnets', 'merged a topic: origami into sonnets']);
  });

  test('of a merge leads on, and an upgrade brings none of them back', async () => {
    await syncCuratedTopics(ctx.db);
    const [first, second] = await listTopics(ctx.db);
    const last = await add();
    await mergeTopics(ctx.db, { from: first!.id, into: second!.id, takesPhrases: false }, 'operator');
    await mergeTopics(ctx.db, { from: second!.id, into: last, takesPhrases: false }, 'operator');
    await syncCuratedTopics(ctx.db);
    const ids = await ensureTopics(ctx.db, [first!.slug!, second!.name]);
    expect([...ids.values()]).toEqual([last, last]);
  });

  test('takes up a topic that readers typed, which then is gone', async () => {
    const [reader] = await seedReaders(ctx, 1, { topics: ['rhyming poems'] });
    const typed = (await ensureTopics(ctx.db, ['rhyming poems'])).get('rhyming poems')!;
    const into = await add(sonnets);
    await mergeTopics(ctx.db, { from: typed, into, takesPhrases: false }, 'operator');
    expect(await followsOf(into)).toEqual([`${reader!.id} follow`]);
    expect((await sql`select 1 from topics where id = ${typed}`.execute(ctx.db)).rows).toEqual([]);
  });

  test('with itself, with nothing, or of a topic that is being announced to, is refused', async () => {
    const [from, into] = [await add(), await add(sonnets)];
    for (const other of [from, 999_999]) {
      expect(
        await mergeTopics(ctx.db, { from, into: other, takesPhrases: false }, 'operator'),
      ).toHaveProperty('fault');
    }
    await sql`insert into announcements (source, sha256, topic_id, started_at) values ('', '', ${from}, now())`.execute(
      ctx.db,
    );
    expect(await mergeTopics(ctx.db, { from, into, takesPhrases: false }, 'operator')).toEqual({
      fault: expect.stringContaining('announcement'),
    });
  });
});
