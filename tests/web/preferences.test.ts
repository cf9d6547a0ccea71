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
  expect(selected(body)).toEqual(['7', 'UTC', 'abstracts', 'html', 'silence']);
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
  expect(selected(body)).toEqual(['6', 'Europe/Paris', 'abstracts', 'html', 'silence']);
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
  expect(
    elements(body, 'select')
      .slice(0, 2)
      .every((select) => select['aria-invalid'] === 'true'),
  ).toBe(true);
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

test('Preview shows what the choices on the page would bring, and saves nothing', async () => {
  await seedDay(ctx, '2026-03-19', [{ title: 'On owls', abstract: 'Owls at night.', votes: 3 }]);
  await site.post(path, { ...choices, topics: ['robotics'], phrases: '' });
  const before = await readState(ctx);
  const shown = await site.post(path, {
    ...choices,
    topics: [],
    phrases: 'owls at night',
    send_hour: '9',
    time_zone: 'Asia/Tokyo',
    max_papers: '2',
    do: 'preview',
  });
  expect(shown.status).toBe(200);
  const words = textOf(shown.body);
  expect(words).toContain('Not saved yet: this is what these choices would bring.');
  expect(words).toContain('Matched owls at night; 3 votes On owls');
  expect(words).toMatch(/Your next digest comes .* at 09:00 in Tokyo\./);
  expect(checked(shown.body, 'topics')).toEqual([]);
  expect(await readState(ctx)).toEqual(before);
});

test('a muted topic keeps its papers away, whatever else they match, and stands in its field', async () => {
  const muting = { ...choices, topics: [], phrases: 'robots', muted: 'towels' };
  expect(textOf((await site.get(path)).body)).toContain('Robots that fold towels');
  expect((await site.post(path, muting)).status).toBe(303);
  const { body } = await site.get(path);
  expect(/<textarea id="muted".*?>(.*?)<\/textarea>/s.exec(body)?.[1]).toBe('towels');
  expect(textOf(body)).not.toContain('Robots that fold towels');
  const both = await site.post(path, { ...muting, muted: 'Robots' });
  expect(both.status).toBe(422);
  expect(textOf(both.body)).toContain('“Robots” is among your topics as well');
  await site.post(path, { ...muting, muted: '' });
});

test('more of a topic, the looks and a break are kept, and the break is said', async () => {
  const kept = { ...choices, topics: ['robotics', 'agents'], phrases: '', more_shown: '1', more: 'agents' };
  const looks = { layout: 'titles', format: 'text', empty_days: 'note' };
  await site.post(path, { ...kept, ...looks, snoozed_until: '2026-03-30' });
  const { body } = await site.get(path);
  expect(checked(body, 'more')).toEqual(['agents']);
  expect(selected(body).slice(-3)).toEqual(['titles', 'text', 'note']);
  expect((await site.get(`${path}/preview`)).headers.get('content-type')).toMatch(/^text\/plain/);
  for (const field of Object.keys(looks))
    expect([field, (await site.post(path, { ...kept, [field]: 'else' })).status]).toEqual([field, 422]);
  expect(textOf(body)).toContain('Your next digest comes on Monday, 30 March');
  expect(textOf(body)).toContain('Nothing comes before Monday, 30 March.');
  for (const day of ['2028-01-01', 'soon', '2026-02-30']) {
    expect([day, (await site.post(path, { ...kept, snoozed_until: day })).status]).toEqual([day, 422]);
  }
  await site.post(path, { ...kept, more: [], layout: 'abstracts', snoozed_until: '' });
  expect(textOf((await site.get(path)).body)).not.toContain('Nothing comes before');
});

test('people, organisations and papers are followed by their names, each in its field', async () => {
  const named = {
    ...choices,
    topics: [],
    phrases: 'https://arxiv.org/abs/2603.18000',
    authors: 'Ada Example\nauthor: Kenji Example',
    organizations: 'DeepMind',
    likes: '2603.18001',
  };
  expect((await site.post(path, named)).status).toBe(303);
  const { body } = await site.get(path);
  const lines = (field: string) =>
    new RegExp(`<textarea id="${field}"[^>]*>([^<]*)<`).exec(body)![1]!.split('\n');
  expect(lines('authors')).toEqual(['Ada Example', 'Kenji Example']);
  expect(lines('organizations')).toEqual(['DeepMind']);
  expect(lines('likes')).toEqual([
    '2603.18000 Robots that fold towels',
    '2603.18001 Protein folding without a teacher',
  ]);
  expect(lines('phrases')).toEqual(['']);
  expect(textOf(body)).toContain('by Ada Example');
  const wrong = await site.post(path, { ...named, authors: '!!', organizations: 'the', likes: 'nothing' });
  expect(wrong.status).toBe(422);
  for (const field of ['authors', 'organizations', 'likes'])
    expect(wrong.body).toContain(`id="${field}-fault"`);
});

test('it says what the next change of the clocks does', async () => {
  await site.post(path, { ...choices, time_zone: 'Europe/Paris', send_hour: '2' });
  expect(textOf((await site.get(path)).body)).toContain(
    'On Sunday, 29 March the clocks go forward an hour. A digest of that day comes at 03:00, because there is no 02:00.',
  );
});

test('the reader’s feed is theirs to read, manages nothing, and ends when they say so', async () => {
  const feedOf = async () =>
    new URL(
      elements((await site.get(path)).body, 'link').find((link) => link['rel'] === 'alternate')!['href']!,
    ).pathname;
  const first = await feedOf();
  const feed = await site.get(first);
  expect([feed.status, feed.headers.get('content-type')]).toEqual([
    200,
    'application/atom+xml; charset=utf-8',
  ]);
  expect(feed.headers.get('cache-control')).toBe('no-store');
  expect(feed.body).not.toMatch(/\/(preferences|unsubscribe|taste|account)\//);
  expect((await site.post(path, { do: 'end-feeds' })).status).toBe(303);
  expect((await site.get(first)).status).toBe(404);
  const second = await feedOf();
  expect([second === first, (await site.get(second)).status]).toEqual([false, 200]);
});
