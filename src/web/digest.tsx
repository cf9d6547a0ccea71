/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { readToken } from '../domain/tokens.ts';
import { viewDigest } from '../pipeline/view.ts';
import { mailPolicy } from './headers.ts';
import { mailPage, page } from './respond.ts';
import { Words } from './sheet.tsx';

/** View in browser: the digest as it was mailed, with the links that manage the account blanked (RULES 22). */
export function digestRoutes(ctx: Context): Hono {
  const routes = new Hono();
  routes.get('/digest/:token', async (c) => {
    const claims = readToken(ctx.config.keys, 'digest', c.req.param('token'));
    const digest = claims && (await viewDigest(ctx, claims));
    if (!digest) return page(c, <GonePage />, 404);
    c.header('Content-Security-Policy', mailPolicy);
    return mailPage(c, digest);
  });
  return routes;
}

function GonePage() {
  return (
    <Words title="This digest is not here">
      <p>
        The link may have been cut off, or the digest is so old that it was let go.{' '}
        <a href="/">Today’s papers</a> are.
      </p>
    </Words>
  );
}
