import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { elements, forged, openSite, readState, type Site, textOf, tokenFor } from './site.ts';

let ctx: TestContext;
let site: Site;
let readerId: number;
let address: string;
let path: string;
let number = 0;

const choices = {
  topics: ['robotics'],
  phrases: '',
  time_zone: 'Europe/Paris',
  send_hour: '6',
  weekdays_shown: '1',
  weekdays: ['1', '2', '3', '4', '5'],
  max_papers: '4',
};

beforeAll(async () => {
  ctx = await openTestContext({ now: '2026-03-20T06:00:00Z', delivers: false });
  site = openSite(ctx);
  await seedDay(ctx, '2026-03-18', [
    { title: 'Robots that fold towels', votes: 9 },
    { title: 'Protein folding without a teacher', abstract: 'Protein folding, at last.', votes: 5 },
  ]);
});
afterAll(() => ctx.close());

beforeEach(async () => {
  const [reader] = await seedReaders(ctx, 1, { name: `chooser${(number += 1)}-`, topics: ['robots'] });
  readerId = reader!.id;
  address = reader!.address;
  path = `/preferences/${tokenFor(ctx, 'preferences', readerId)}`;
});

function checked(html: string, name: string): string[] {
  return elements(html, 'input')
    .filter((input) => input['name'] === name && 'checked' in input)
    .map((input) => input['value']!);
}

function selected(html: string): string[] {
  return elements(html, 'option')
    .filter((option) => 'selected' in option)
    .map((option) => option['value']!);
}

test('it shows what is chosen, the next digest, when it comes, and a masked address', async () => {
  const { status, body } = await site.get(path);
  expect(status).toBe(200);
  expect(selected(body)).toEqual(['7', 'UTC']);
  expect(checked(body, 'weekdays')).toEqual(['1', '2', '3', '4', '5', '6', '7']);
  expect(/<textarea[^>]*>([^<]*)</.exec(body)![1]).toBe('robots');
  const text = textOf(body);
  expect(text).toContain('Your next digest comes today, Friday, 20 March, at 07:00 UTC.');
  expect(text).toContain('Matched robots in the title; 9 votes Robots that fold towels');
  expect(body).not.toContain(address);
  expect(text).toContain('c•••@uni.test');
});

test('saving redirects to a page that says so and shows the new choices', async () => {
  const saved = await site.post(path, { ...choices, phrases: 'protein folding\n\n protein folding ' });
  expect([saved.status, saved.headers.get('location')]).toEqual([303, `${path}?saved`]);
  const { body } = await site.get(`${path}?saved`);
  expect(textOf(/<div[^>]*role="status".*?<\/div>/s.exec(body)![0])).toBe('Saved.');
  expect(checked(body, 'topics')).toEqual(['robotics']);
  expect(selected(body)).toEqual(['6', 'Europe/Paris']);
  expect(checked(body, 'weekdays')).toEqual(['1', '2', '3', '4', '5']);
  expect(/<textarea[^>]*>([^<]*)</.exec(body)![1]).toBe('protein folding');
  expect(textOf(body)).toContain('Protein folding without a teacher');
  const row = await ctx.db
    .selectFrom('subscribers')
    .selectAll()
    .where('id', '=', readerId)
    .executeTakeFirstOrThrow();
  expect(row.max_papers).toBe(4);
});

test('each fault stands by its field, nothing is saved, and what was typed is still there', async () => {
  const before = await readState(ctx);
  const { status, body } = await site.post(path, {
    ...choices,
    phrases: 'the\nquantum <b>',
    time_zone: 'Mars/Olympus',
    send_hour: '25',
    weekdays: [],
    max_papers: '31',
  });
  expect(status).toBe(422);
  const faults = Object.fromEntries(
    [...body.matchAll(/<p class="fault" id="([\w-]+)">(.*?)<\/p>/gs)].map((found) => [
      found[1]!,
      textOf(found[2]!),
    ]),
  );
  expect(faults).toEqual({
    'phrases-fault': '“the” has no word to look for, only common ones like "the" or "of".',
    'time_zone-fault': 'This time zone is not known here; choose one from the list.',
    'send_hour-fault': 'Choose an hour from 0 to 23.',
    'weekdays-fault': 'Choose at least one day.',
    'max_papers-fault': 'Choose a number from 1 to 30.',
  });
  expect(body).toContain('quantum &lt;b&gt;');
  expect(body).not.toContain('quantum <b>');
  expect(elements(body, 'select').every((select) => select['aria-invalid'] === 'true')).toBe(true);
  expect(await readState(ctx)).toEqual(before);
});

test('more than 50 topics are refused, and 50 are taken', async () => {
  const phrases = (count: number) => Array.from({ length: count }, (_, n) => `robot${n} arms`).join('\n');
  const refused = await site.post(path, { ...choices, topics: [], phrases: phrases(51) });
  expect(refused.status).toBe(422);
  expect(textOf(refused.body)).toContain('At most 50 topics, please; there are 51.');
  expect((await site.post(path, { ...choices, topics: [], phrases: phrases(50) })).status).toBe(303);
});

test('looking changes nothing, the preview included', async () => {
  const before = await readState(ctx);
  expect(Object.keys(before)).toContain('fragments');
  await site.get(path);
  await site.get(`${path}?saved`);
  const whole = await site.get(`${path}/preview`);
  expect(whole.status).toBe(200);
  expect(whole.body).toContain('Robots that fold towels');
  expect(whole.headers.get('content-security-policy')).toContain("default-src 'none'");
  await site.request(path, { method: 'HEAD' });
  expect(await readState(ctx)).toEqual(before);
});

test('who is unsubscribed sees that, and can start again', async () => {
  await site.post(`/unsubscribe/${tokenFor(ctx, 'unsubscribe', readerId)}`, {
    'List-Unsubscribe': 'One-Click',
  });
  const shown = await site.get(path);
  expect(textOf(shown.body)).toContain('You are unsubscribed; no digest comes.');
  expect(textOf(shown.body)).not.toContain('Your next digest comes');
  const again = await site.post(path, { do: 'return' });
  expect([again.status, again.headers.get('location')]).toEqual([303, path]);
  expect(textOf((await site.get(path)).body)).toContain('Your next digest comes');
});

test('links that are forged, of another purpose, or of an earlier address open nothing', async () => {
  const stale = tokenFor(ctx, 'preferences', readerId);
  await ctx.db.updateTable('subscribers').set({ address_version: 2 }).where('id', '=', readerId).execute();
  for (const token of [stale, forged(stale), tokenFor(ctx, 'unsubscribe', readerId), 'in-your-mail']) {
    for (const answer of [
      await site.get(`/preferences/${token}`),
      await site.post(`/preferences/${token}`, choices),
    ]) {
      expect([answer.status, answer.title]).toEqual([404, 'This link does not open anything']);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  }
});

test('a day without anything new is explained before it comes', async () => {
  await site.post(path, { ...choices, topics: [], phrases: 'medieval poetry' });
  expect(textOf((await site.get(path)).body)).toContain('On a day without any, no mail comes.');
});
