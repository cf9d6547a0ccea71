import { sql } from 'kysely';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dropOldPictures, picturesKeptDays } from '../../src/db/pictures.ts';
import { fetchPictures } from '../../src/pipeline/pictures.ts';
import type { PictureAnswer } from '../../src/sources/picture.ts';
import { openTestContext, type TestContext } from '../support/context.ts';
import { seedDay, seedReaders } from '../support/seed.ts';
import { deliverAll, planAndCompose } from '../support/steps.ts';
import { wipe } from '../support/wipe.ts';
import { elements } from '../web/site.ts';
import { readMails } from '../support/mails.ts';

const cdn = 'https://cdn-thumbnails.huggingface.co';
let ctx: TestContext;
let picture: Buffer;

beforeAll(async () => {
  ctx = await openTestContext();
  picture = await sharp({ create: { width: 1200, height: 648, channels: 3, background: '#1f4e79' } })
    .png()
    .toBuffer();
});
afterAll(() => ctx.close());
beforeEach(async () => {
  await wipe(ctx);
  await sql`truncate pictures`.execute(ctx.db);
});

/** A network whose pictures are these; each address asked for is noted. */
function network(answers: (address: string) => PictureAnswer) {
  const asked: string[] = [];
  const fetch = async (address: string) => {
    asked.push(address);
    return answers(address);
  };
  return { asked, fetch };
}

async function stored(): Promise<{ title: string; attempts: number; isHere: boolean }[]> {
  const { rows } = await sql<{ title: string; attempts: number; isHere: boolean }>`
    select p.title, q.attempts, exists (select 1 from pictures where sha256 = q.wide) "isHere"
    from paper_pictures q join papers p on p.id = q.paper_id order by p.title`.execute(ctx.db);
  return rows;
}

test('pictures are fetched once, most votes first, and the digest names ours', async () => {
  await seedDay(ctx, '2026-03-19', [
    { title: 'Robots b', thumbnailUrl: `${cdn}/b.png`, votes: 1 },
    { title: 'Robots a', thumbnailUrl: `${cdn}/a.png`, votes: 9 },
    { title: 'Robots c', votes: 5 },
  ]);
  await seedDay(ctx, '2026-02-01', [{ title: 'Robots of long ago', thumbnailUrl: `${cdn}/old.png` }]);
  const { asked, fetch } = network(() => ({ bytes: picture }));
  expect(await fetchPictures(ctx, { fetch })).toBe(2);
  expect(asked).toEqual([`${cdn}/a.png`, `${cdn}/b.png`]);
  expect(await fetchPictures(ctx, { fetch })).toBe(0);
  expect(asked).toHaveLength(2);

  await seedReaders(ctx, 1);
  await planAndCompose(ctx, '2026-03-20T07:00:00Z');
  await deliverAll(ctx);
  const { html } = (await readMails(ctx.db))[0]!;
  const drawn = elements(html, 'img');
  expect(drawn).toHaveLength(1);
  expect(drawn[0]).toMatchObject({ width: '640', height: '346' });
  expect(drawn[0]!['src']).toMatch(new RegExp(`^${ctx.config.publicUrl}/pictures/[\\w-]{43}\\.jpg$`));
  expect(html).not.toContain('huggingface.co/a.png');
});

test('a picture that cannot be had is asked for four times in all, and never stands in the way of mail', async () => {
  await seedDay(ctx, '2026-03-19', [{ title: 'Robots', thumbnailUrl: `${cdn}/a.png` }]);
  const { asked, fetch } = network(() => ({ refused: 'answered 404' }));
  for (let run = 0; run < 6; run += 1) {
    await fetchPictures(ctx, { fetch });
    await fetchPictures(ctx, { fetch });
    await sql`update paper_pictures set next_attempt_at = now()`.execute(ctx.db);
  }
  expect(asked).toHaveLength(4);
  expect(await stored()).toEqual([{ title: 'Robots', attempts: 4, isHere: false }]);
  // Another address is another picture.
  await sql`update papers set thumbnail_url = ${`${cdn}/b.png`}`.execute(ctx.db);
  expect(await fetchPictures(ctx, { fetch: network(() => ({ bytes: picture })).fetch })).toBe(1);
  expect(await stored()).toEqual([{ title: 'Robots', attempts: 0, isHere: true }]);
});

test('without a network a run ends at the first silence, and the next one tries the others', async () => {
  const papers = Array.from({ length: 12 }, (_, n) => ({ thumbnailUrl: `${cdn}/${n}.png`, votes: n }));
  await seedDay(ctx, '2026-03-19', papers);
  const { asked, fetch } = network(() => ({ unreachable: 'no connection' }));
  expect(await fetchPictures(ctx, { fetch })).toBe(0);
  expect(asked.length).toBeLessThanOrEqual(4);
  expect(await fetchPictures(ctx, { fetch: network(() => ({ bytes: picture })).fetch })).toBe(
    12 - asked.length,
  );
});

test('what is no picture counts as refused, and a paper’s page goes without', async () => {
  await seedDay(ctx, '2026-03-19', [{ title: 'Robots', thumbnailUrl: `${cdn}/a.png` }]);
  const film = Buffer.from('\0\0\0\x18ftypmp42');
  await fetchPictures(ctx, { fetch: network(() => ({ bytes: film })).fetch });
  expect(await stored()).toEqual([{ title: 'Robots', attempts: 1, isHere: false }]);
});

test('pictures are let go after their time, and mail goes on without', async () => {
  await seedDay(ctx, '2026-03-19', [{ title: 'Robots', thumbnailUrl: `${cdn}/a.png` }]);
  await fetchPictures(ctx, { fetch: network(() => ({ bytes: picture })).fetch });
  await sql`update pictures set created_at = now() - make_interval(days => ${picturesKeptDays + 1})`.execute(
    ctx.db,
  );
  await dropOldPictures(ctx.db);
  expect(await stored()).toEqual([{ title: 'Robots', attempts: 0, isHere: false }]);
});
