import { afterAll, beforeAll, expect, test } from 'vitest';
import { setHidden } from '../../../src/db/hidden-papers.ts';
import { listTopicLines } from '../../../src/db/operator-topics.ts';
import { syncCuratedTopics } from '../../../src/db/topics.ts';
import { openTestContext, type TestContext } from '../../support/context.ts';
import { seedDay, seedReaders } from '../../support/seed.ts';
import { openSite, readState, textOf } from '../site.ts';
import { openOperatorSite, type OperatorSite } from './operator.ts';

const base = '/operators/topics';
const words = { name: 'Origami art', description: 'Circuits of qubits.', phrases: 'folded crane' };
let ctx: TestContext;
let site: OperatorSite;
beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z' });
  await seedDay(ctx, '2026-03-19', [
    { title: 'A folded crane learns', abstract: 'Qubits.' },
    { title: 'On sonnets', abstract: 'Poems rhyme.' },
  ]);
  await syncCuratedTopics(ctx.db);
  site = openOperatorSite(ctx);
});
afterAll(() => ctx.close());

async function addTopic(fields = words): Promise<string> {
  const answer = await site.post(`${base}/new`, { ...fields, do: 'save' });
  expect(answer.status, textOf(answer.body)).toBe(303);
  return answer.headers.get('location')!;
}

test('a topic is seen before it is saved, and then readers can choose it', async () => {
  const before = await readState(ctx);
  const preview = await site.post(`${base}/new`, { ...words, do: 'preview' });
  expect(textOf(preview.body)).toMatch(/would have matched 1 paper of 2 in 14 days\. Nothing is saved yet/);
  expect(textOf(preview.body)).toMatch(/19 March A folded crane learns folded crane \d\.\d\d/);
  expect(await readState(ctx)).toEqual(before);

  const here = await addTopic();
  expect(textOf((await site.get(here)).body)).toMatch(/Word of an operator, since .*A folded crane learns/);
  const reader = openSite(ctx);
  expect((await reader.get('/')).body).toContain('value="origami-art"');
  expect((await reader.get('/papers/2026-03-19?topic=origami-art')).status).toBe(200);
  expect((await reader.get('/papers.atom?topic=origami-art')).body).toContain('Origami art');
});

test('a change is shown beside what matches now: what is new, and what no longer', async () => {
  const here = `${base}/${/\d+/.exec((await site.get(base)).body.split('Origami art')[0]!.split('topics/').at(-1)!)![0]}`;
  const form = await site.get(`${here}/edit`);
  expect(form.body).toContain('folded crane</textarea>');
  const shown = textOf((await site.post(`${here}/edit`, { ...words, phrases: 'sonnets' })).body);
  expect(shown).toContain('1 paper of 2 in 14 days: 1 more than now, and 1 that match now no longer.');
  expect(shown).toMatch(/A folded crane learns no longer .*On sonnets new sonnets/);
  const saved = await site.press(`${here}/edit`, { ...words, phrases: 'sonnets', do: 'save' });
  expect(textOf(saved.body)).toContain('On sonnets');
});

test('a topic on its page and on the list counts the papers that its preview counts: none that is hidden', async () => {
  const cranes = { ...words, name: 'Cranes' };
  const here = await addTopic(cranes);
  const counts = async () => {
    const preview = textOf((await site.post(`${here}/edit`, { ...cranes, do: 'preview' })).body);
    const lines = await listTopicLines(ctx.db, '2026-03-06', 300);
    return {
      previewed: Number(/matched (\d+|no) papers?/.exec(preview)![1]!.replace('no', '0')),
      counted: lines.find(({ name }) => name === 'Cranes')!.papers,
      listed: textOf((await site.get(here)).body).split('A folded crane learns').length - 1,
    };
  };
  expect(await counts()).toEqual({ previewed: 1, counted: 1, listed: 1 });
  const { key } = await ctx.db
    .selectFrom('papers')
    .select('key')
    .where('title', '=', 'A folded crane learns')
    .executeTakeFirstOrThrow();
  await setHidden(ctx.db, key, true, 'operator');
  expect(await counts()).toEqual({ previewed: 0, counted: 0, listed: 0 });
  await setHidden(ctx.db, key, false, 'operator');
});

test('what is no topic is said field by field, with everything that was typed', async () => {
  const wrong = await site.post(`${base}/new`, {
    name: '!',
    description: 'Kept.',
    phrases: 'the',
    do: 'save',
  });
  expect(wrong.status).toBe(422);
  expect(textOf(wrong.body)).toMatch(/Give it a name.*has no word to look for/);
  expect(wrong.body).toContain('value="Kept."');
  const double = await site.post(`${base}/new`, { ...words, do: 'save' });
  expect(textOf(double.body)).toContain('There is a topic of that name already');
});

test('retiring and merging say first what becomes of the readers', async () => {
  const here = await addTopic({ ...words, name: 'Sonnets', phrases: 'fourteen lines' });
  await seedReaders(ctx, 2, { topics: ['sonnets'] });
  const end = textOf((await site.get(`${here}/end`)).body);
  expect(end).toContain('2 readers follow it, 2 of them nothing else.');
  expect(end).toContain('2 readers would get no more papers: merge it instead.');
  expect(textOf((await site.press(`${here}/retire`)).body)).toContain('retired: its readers keep it');
  await site.press(`${here}/restore`);

  const list = (await site.get(`${here}/end`)).body;
  const into = /<option value="(\d+)">Origami art/.exec(list)![1]!;
  const merged = await site.press(`${here}/merge`, { into });
  expect(merged.title).toBe('Origami art');
  expect(textOf((await site.get(here)).body)).toContain('merged into Origami art');
  expect(textOf((await site.get(`${base}/${into}/end`)).body)).toContain('2 readers follow it');
  expect((await site.post(`${here}/merge`, { into: 'x' })).status).toBe(422);
  expect(textOf((await site.get('/operators/log')).body)).toMatch(/merged a topic sonnets into origami-art/);
});

test('looking changes nothing; what readers typed cannot be changed, only merged', async () => {
  const { id } = await ctx.db
    .selectFrom('topics')
    .select('id')
    .where('slug', '=', 'reasoning')
    .executeTakeFirstOrThrow();
  await seedReaders(ctx, 1, { name: 'typist', topics: ['rhyming poems'] });
  const typed = await ctx.db
    .selectFrom('topics')
    .select('id')
    .where('slug', 'is', null)
    .executeTakeFirstOrThrow();
  const before = await readState(ctx);
  for (const path of ['new', `${id}/edit`, `${id}/end`, `${typed.id}/end`, `${typed.id}`]) {
    expect((await site.get(`${base}/${path}`)).status).toBe(200);
  }
  for (const path of [`${typed.id}/edit`, '999999/edit', '999999/end']) {
    expect((await site.get(`${base}/${path}`)).status).toBe(404);
  }
  expect((await site.post(`${base}/${typed.id}/retire`)).status).toBe(422);
  expect(await readState(ctx)).toEqual(before);
});
