/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import type { Context } from '../context.ts';
import { withoutTokens } from '../log.ts';
import { words } from '../words/words.ts';
import { accountRoutes } from './account.tsx';
import { archiveRoutes } from './archive.tsx';
import { comfort, comfortPath } from './comfort.ts';
import { confirmRoutes } from './confirm.tsx';
import { devMailRoutes } from './dev-mails.tsx';
import { digestRoutes } from './digest.tsx';
import { formBytesMax } from './form.ts';
import { frontRoutes } from './front.tsx';
import { forOperators, privately, securityHeaders } from './headers.ts';
import { healthRoutes } from './health.ts';
import { operatorRoutes } from './operators/routes.ts';
import { paperRoutes } from './paper-page.tsx';
import { pictureRoutes } from './pictures.ts';
import { preferencesRoutes } from './preferences.tsx';
import { privacyRoutes } from './privacy.tsx';
import { publicFeedRoutes } from './public-feed.tsx';
import { readerFeedRoutes } from './reader-feed.tsx';
import { page } from './respond.ts';
import { searchRoutes } from './search.tsx';
import { Words } from './sheet.tsx';
import { stylesheet, stylesheetPath } from './stylesheet.ts';
import { subscribeRoutes } from './subscribe.tsx';
import { tasteRoutes } from './taste.tsx';
import { unsubscribeRoutes } from './unsubscribe.tsx';
import { webhookBytesMax, webhookRoutes } from './webhooks.ts';
import { whyNotRoutes } from './why-not.tsx';

export interface WebOptions {
  /** Shows every mail with sample content under /dev/mails. */
  preview?: boolean;
  /** Aborted when the server is to close: answers that would go on for ever end then. */
  ending?: AbortSignal;
}

/** Everything that answers over HTTP. GET changes nothing, anywhere. */
export function webApp(ctx: Context, options: WebOptions = {}): Hono {
  // A mail program that adds or drops a slash at the end must be answered, not sent elsewhere (RFC 8058).
  const app = new Hono({ strict: false });
  app.use(requestLog(ctx));
  app.use(securityHeaders(ctx.config.publicUrl.startsWith('https:')));
  for (const path of tokenPaths) app.use(`/${path}/*`, privately);
  app.use('/operators/*', forOperators);
  app.use(bodyLimits());

  // Before the front page's routes: a week is no date.
  app.route('/', archiveRoutes(ctx));
  app.route('/', frontRoutes(ctx));
  app.route('/', paperRoutes(ctx));
  app.route('/', pictureRoutes(ctx));
  app.route('/', searchRoutes(ctx));
  app.route('/', publicFeedRoutes(ctx));
  app.route('/', subscribeRoutes(ctx));
  app.route('/', confirmRoutes(ctx));
  app.route('/', preferencesRoutes(ctx));
  app.route('/', whyNotRoutes(ctx));
  app.route('/', unsubscribeRoutes(ctx));
  app.route('/', accountRoutes(ctx));
  app.route('/', readerFeedRoutes(ctx));
  app.route('/', digestRoutes(ctx));
  app.route('/', tasteRoutes(ctx));
  app.route('/', privacyRoutes(ctx));
  app.route('/', webhookRoutes(ctx));
  app.route('/', healthRoutes(ctx));
  app.route('/', operatorRoutes(ctx, options.ending));
  if (ctx.inbox) app.route('/', ctx.inbox);
  if (options.preview) app.route('/', devMailRoutes());

  app.get(stylesheetPath, (c) => {
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    return c.body(stylesheet, 200, { 'Content-Type': 'text/css; charset=utf-8' });
  });
  app.get(comfortPath, (c) => {
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    return c.body(comfort, 200, { 'Content-Type': 'text/javascript; charset=utf-8' });
  });
  app.get('/robots.txt', (c) => c.text(robots));
  app.options('*', (c) => c.body(null, 204, { Allow: 'GET, HEAD, POST, OPTIONS' }));
  app.notFound((c) => page(c, <NotFoundPage />, 404));
  app.onError((error, c) => answerError(ctx, error, c));
  return app;
}

const { site } = words;

/** Paths whose next part is a reader's token. */
const tokenPaths = [
  'confirm',
  'preferences',
  'unsubscribe',
  'digest',
  'taste',
  'feed',
  'account',
  'move',
] as const;

const robots = `User-agent: *\n${[...tokenPaths, 'operators', 'mailbox'].map((path) => `Disallow: /${path}/\n`).join('')}`;

/** One line a request, without tokens, queries, addresses or anything else about who asked (RULES 23). */
function requestLog(ctx: Context): MiddlewareHandler {
  return async (c, next) => {
    const startedAtMs = performance.now();
    await next();
    const ms = Math.round(performance.now() - startedAtMs);
    const { method, path } = c.req;
    ctx.log.debug({ method, path: withoutTokens(path), status: c.res.status, ms }, 'request');
  };
}

function answerError(ctx: Context, error: Error, c: HttpContext): Response | Promise<Response> {
  if (error instanceof HTTPException) {
    return page(c, <SorryPage title={site.wentWrong} says={error.message} />, error.status as 400);
  }
  const { method, path } = c.req;
  ctx.log.error({ err: error, method, path: withoutTokens(path) }, 'a request failed');
  return page(c, <SorryPage title={site.sorry} says={site.ourFault} />, 500);
}

/** Read as they come, so that a body without a length is cut off as well. */
function bodyLimits(): MiddlewareHandler {
  const events = bodyLimit({ maxSize: webhookBytesMax, onError: tooLargeEvent });
  const forms = bodyLimit({ maxSize: formBytesMax, onError: tooLarge });
  return (c, next) => (c.req.path.startsWith('/webhooks/') ? events(c, next) : forms(c, next));
}

function tooLarge(c: HttpContext): Response {
  return page(c, <SorryPage title={site.tooLarge} says={site.tooLargeForm} />, 413);
}

function tooLargeEvent(c: HttpContext): Response {
  return c.json({ error: `An event has at most ${webhookBytesMax} bytes.` }, 413);
}

function SorryPage({ title, says }: { title: string; says: string }) {
  return (
    <Words title={title}>
      <p>{says}</p>
    </Words>
  );
}

function NotFoundPage() {
  return (
    <Words title={site.notFound}>
      <p>
        {site.cutOff((text) => (
          <a href="/">{text}</a>
        ))}
      </p>
    </Words>
  );
}
