import type { Context as HttpContext, MiddlewareHandler } from 'hono';

/** Nothing but what is ours: the stylesheet, forms, pictures of papers, and one script file that adds comfort. */
export const pagePolicy = policy({
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  // For the preview while choices change, and the ledger as it fills.
  'connect-src': "'self'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
});

/** A mail shown in the browser: its styles stand inside it, its pictures are ours. Links open; nothing else leaves the page. */
export const mailPolicy = policy({
  'style-src': "'unsafe-inline'",
  'img-src': "'self' data:",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
});

/** The same inside a frame of our own page, for operators. */
export const framedMailPolicy = mailPolicy.replace("frame-ancestors 'none'", "frame-ancestors 'self'");

/** A page with such a frame in it. */
export const framingPolicy = `${pagePolicy}; frame-src 'self'`;

/** The queues' board is a program of its own: it runs its scripts and asks its own API. */
export const boardPolicy = policy({
  'base-uri': "'self'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
  'img-src': "'self' data:",
  'font-src': "'self' data:",
  'connect-src': "'self'",
  'manifest-src': "'self'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
});

const hstsSeconds = 31_536_000;

/** Security headers for every answer; a route that needs others has set them already. */
export function securityHeaders(isHttps: boolean): MiddlewareHandler {
  return async (c, next) => {
    await next();
    setUnless(c, 'Content-Security-Policy', pagePolicy);
    setUnless(c, 'Referrer-Policy', 'same-origin');
    setUnless(c, 'Cross-Origin-Resource-Policy', 'same-origin');
    setUnless(c, 'Cross-Origin-Opener-Policy', 'same-origin');
    setUnless(c, 'X-Content-Type-Options', 'nosniff');
    setUnless(c, 'Permissions-Policy', 'camera=(), geolocation=(), microphone=(), browsing-topics=()');
    if (isHttps) setUnless(c, 'Strict-Transport-Security', `max-age=${hstsSeconds}`);
  };
}

/** Pages behind a reader's token: never kept, never found, never told to where a link leads (RULES 23). */
export const privately: MiddlewareHandler = async (c, next) => {
  await next();
  c.res.headers.set('Cache-Control', 'no-store');
  c.res.headers.set('X-Robots-Tag', 'noindex');
  c.res.headers.set('Referrer-Policy', 'no-referrer');
};

/** Operators' pages: never kept, never found. Their forms must name their origin, which no-referrer would forbid. */
export const forOperators: MiddlewareHandler = async (c, next) => {
  await next();
  c.res.headers.set('Cache-Control', 'no-store');
  c.res.headers.set('X-Robots-Tag', 'noindex');
};

function setUnless(c: HttpContext, name: string, value: string): void {
  if (!c.res.headers.has(name)) c.res.headers.set(name, value);
}

function policy(directives: Record<string, string>): string {
  const all = { 'default-src': "'none'", 'base-uri': "'none'", ...directives };
  return Object.entries(all)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}
