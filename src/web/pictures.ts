import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { readPictureBytes } from '../db/pictures.ts';
import { readPictureName } from '../domain/picture.ts';

/** The pictures of papers, ours to serve: an address is the hash of its bytes, so whoever has them never asks again. */
export function pictureRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.get('/pictures/:file', async (c) => {
    const name = readPictureName(c.req.param('file'));
    if (name === undefined) return c.notFound();
    const etag = `"${name}"`;
    // Mails are shown on other sites, which embed it.
    const headers = {
      'Cache-Control': 'public, max-age=31536000, immutable',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      ETag: etag,
    };
    if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
    const bytes = await readPictureBytes(ctx.db, name);
    if (!bytes) return c.notFound();
    return c.body(new Uint8Array(bytes), 200, { ...headers, 'Content-Type': 'image/jpeg' });
  });
  return routes;
}
