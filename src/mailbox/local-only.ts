import type { Context, MiddlewareHandler } from 'hono';

/**
 * The mailbox holds every link that a reader gets, so it answers to this machine only.
 *
 * The peer is the socket's, never a header's. The Host must name this machine too, or a page on the web could point
 * a name of its own at 127.0.0.1 and read the mailbox through the browser (DNS rebinding). And what a proxy on this
 * machine passes on has come from somewhere else.
 */
export function localOnly(peerOf: PeerOf = socketPeer): MiddlewareHandler {
  return async (c, next) => {
    const isProxied = proxyHeaders.some((name) => c.req.header(name) !== undefined);
    if (isProxied || !isLoopback(peerOf(c)) || !isLocalName(c.req.header('host'))) {
      return c.text('The mailbox answers only to the machine it runs on, under the name localhost.\n', 403);
    }
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD' && !isOwnForm(c)) {
      return c.text('This form was not sent from the mailbox.\n', 403);
    }
    return next();
  };
}

export type PeerOf = (c: Context) => string | undefined;

const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-real-ip'];

/** The remote address of the connection, as @hono/node-server hands it over; none in any other setting. */
function socketPeer(c: Context): string | undefined {
  const env = c.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined;
  return env?.incoming?.socket?.remoteAddress;
}

function isLoopback(peer: string | undefined): boolean {
  return peer !== undefined && /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/i.test(peer);
}

function isLocalName(host: string | undefined): boolean {
  return host !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i.test(host);
}

/** Browsers name the origin of every form; programs without one cannot be misled into sending it. */
function isOwnForm(c: Context): boolean {
  const origin = c.req.header('origin');
  if (origin === undefined) return (c.req.header('sec-fetch-site') ?? 'same-origin') === 'same-origin';
  return origin.toLowerCase() === `http://${c.req.header('host')!.toLowerCase()}`;
}
