/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../context.ts';
import { readToken } from '../domain/tokens.ts';
import { viewDigest } from '../pipeline/view.ts';
import { words } from '../words/words.ts';
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
    <Words title={words.viewed.gone}>
      <p>
        {words.viewed.why((text) => (
          <a href="/">{text}</a>
        ))}
      </p>
    </Words>
  );
}
