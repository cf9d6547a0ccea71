/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono, type MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Config } from '../../config.ts';
import type { Context } from '../../context.ts';
import { readForm } from '../form.ts';
import { type Limiter, openLimiter } from '../limiter.ts';
import { page, peerOf } from '../respond.ts';
import { Sheet } from '../sheet.tsx';
import { givenPassword, isPassword, isSession, sessionLastsS, signSession } from './password.ts';

const cookieName = 'operator';
const cookiePath = '/operators';
/** Wrong passwords from one network; beyond it even the right one waits. */
const triesMax = 10;
const triesWindowMs = 60_000;

/** The way in: a form for people, HTTP Basic (any name, the password) for programs. */
export function loginRoutes(ctx: Context): Hono {
  const routes = new Hono();
  const tries = openLimiter({ max: triesMax, windowMs: triesWindowMs });

  routes.use('/operators/*', onlyOwnForms(ctx.config), onlyOperators(ctx.config, tries));

  routes.get('/operators/login', (c) => c.redirect('/operators', 303));

  routes.post('/operators/login', async (c) => {
    const form = await readForm(c);
    const from = peerOf(c) ?? 'unknown';
    const next = ownPath(form.text('next'));
    if (tries.isFull(from)) return page(c, <LoginPage next={next} fault={throttled} />, 429);
    if (!isPassword(ctx.config, form.text('password'))) {
      tries.take(from);
      return page(c, <LoginPage next={next} fault="This is not the password." />, 401);
    }
    setCookie(c, cookieName, signSession(ctx.config, Date.now()), {
      path: cookiePath,
      httpOnly: true,
      sameSite: 'Strict',
      secure: ctx.config.publicUrl.startsWith('https:'),
      maxAge: sessionLastsS,
    });
    return c.redirect(next, 303);
  });

  routes.post('/operators/logout', (c) => {
    deleteCookie(c, cookieName, { path: cookiePath });
    return c.redirect('/operators', 303);
  });
  return routes;
}

const throttled = 'Too many wrong passwords from your network. Wait a minute, then try again.';

/**
 * Forms must come from our own pages. Browsers name the origin of every POST, or at least whether it is the same site;
 * programs name neither, and nobody can mislead them into sending one.
 */
function onlyOwnForms(config: Config): MiddlewareHandler {
  return async (c, next) => {
    const isReading = c.req.method === 'GET' || c.req.method === 'HEAD' || c.req.method === 'OPTIONS';
    if (!isReading && !isOwnOrigin(c, config)) {
      return c.text('This form was not sent from the operators’ pages.\n', 403);
    }
    return next();
  };
}

function isOwnOrigin(c: HttpContext, config: Config): boolean {
  const origin = c.req.header('origin');
  if (origin === undefined) return (c.req.header('sec-fetch-site') ?? 'same-origin') === 'same-origin';
  if (!URL.canParse(origin)) return false;
  return origin === new URL(config.publicUrl).origin || new URL(origin).host === c.req.header('host');
}

function onlyOperators(config: Config, tries: Limiter): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.path === '/operators/login') return next();
    const cookie = getCookie(c, cookieName);
    if (cookie !== undefined && isSession(config, cookie, Date.now())) return next();
    const basic = givenPassword(c.req.header('authorization'));
    const from = peerOf(c) ?? 'unknown';
    if (basic !== undefined) {
      if (tries.isFull(from)) return c.text(`${throttled}\n`, 429, { 'Retry-After': '60' });
      if (isPassword(config, basic)) return next();
      tries.take(from);
    }
    return refuse(c);
  };
}

/** Browsers get the form and programs a line. A scheme that browsers do not know keeps their own dialog away. */
function refuse(c: HttpContext): Response {
  const wantsPage = (c.req.header('accept') ?? '').includes('text/html');
  c.header('WWW-Authenticate', `${wantsPage ? 'Cookie' : 'Basic'} realm="Broadsheet operators"`);
  if (!wantsPage) return c.text('The operators’ pages need the password: curl -u operator:PASSWORD …\n', 401);
  return page(c, <LoginPage next={c.req.method === 'GET' ? ownPath(c.req.path) : '/operators'} />, 401);
}

/** Only our own pages may follow a login. */
function ownPath(path: string): string {
  return /^\/operators(?:\/[\w/-]*)?$/.test(path) ? path : '/operators';
}

function LoginPage({ next, fault }: { next: string; fault?: string }) {
  return (
    <Sheet
      title="Operators"
      day="For those who run it"
      foot={<p>The password is OPERATOR_PASSWORD; in a local trial, the one printed at the first start.</p>}
    >
      <h1>Operators</h1>
      <form method="post" action="/operators/login">
        <input type="hidden" name="next" value={next} />
        <div class="line">
          <div class="field">
            <label for="password">Password</label>
            <input
              id="password"
              name="password"
              type="password"
              required
              autofocus
              autocomplete="current-password"
              {...(fault && { 'aria-invalid': 'true', 'aria-describedby': 'password-fault' })}
            />
          </div>
          <button>Enter</button>
        </div>
        {fault && (
          <p class="fault" id="password-fault" role="alert">
            {fault}
          </p>
        )}
      </form>
    </Sheet>
  );
}
