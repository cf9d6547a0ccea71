import { sql } from 'kysely';
import sharp from 'sharp';
import type { Context } from '../../src/context.ts';
import { keepPicture } from '../../src/db/pictures.ts';
import { syncCuratedTopics } from '../../src/db/topics.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { resizePicture } from '../../src/sources/picture-sizes.ts';

/** Three days of the sample edition. It has no pictures: plain drawings stand in for them. */
export async function fillPapers(ctx: Context): Promise<void> {
  await syncCuratedTopics(ctx.db);
  for (const day of ['2026-07-14', '2026-07-15', '2026-07-16']) await ingest(ctx, { source: 'sample', day });
  const { rows } = await sql<{
    id: number;
    key: string;
  }>`select id, key from papers order by votes desc`.execute(ctx.db);
  for (const [place, { id, key }] of rows.entries()) {
    const picture = `${ctx.config.publicUrl}/${key}`;
    await sql`update papers set thumbnail_url = ${picture} where id = ${id}`.execute(ctx.db);
    const drawn = await resizePicture(await draw(place));
    await keepPicture(ctx.db, { paperId: id, address: picture }, drawn!);
  }
}

/** Overlapping waves in a hue of their own. */
async function draw(place: number): Promise<Buffer> {
  const hue = (place * 47) % 360;
  const wave = (n: number) => {
    const y = 330 + 60 * n;
    const bend = 120 + ((place * 53 + n * 71) % 160);
    return `<path d="M0 ${y} C 300 ${y - bend}, 600 ${y + bend}, 1200 ${y - bend / 2} V 648 H 0 Z" fill="hsl(${hue + 18 * n} 45% ${68 - 9 * n}%)"/>`;
  };
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="648"><rect width="1200" height="648" fill="hsl(${hue} 50% 88%)"/>${[0, 1, 2, 3, 4].map(wave).join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}
