import type { AddressInfo } from 'node:net';
import { type ServerType, serve } from '@hono/node-server';
import type { Context } from '../context.ts';
import { webApp, type WebOptions } from './app.tsx';

export interface WebListener {
  port: number;
  /** Takes no new request and ends when those under way are answered, after a while by force. */
  close(): Promise<void>;
}

/** The address could not be listened on; the message is for the operator. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

const closeWithinMs = 5_000;

/** Serves the pages on HOST and PORT; port 0 takes any that is free. Throws ListenError when it cannot. */
export async function listenWeb(ctx: Context, options: WebOptions = {}): Promise<WebListener> {
  const { host, port } = ctx.config;
  const ending = new AbortController();
  const server = await open(webApp(ctx, { ...options, ending: ending.signal }).fetch, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      ending.abort();
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      const force = setTimeout(() => {
        if ('closeAllConnections' in server) server.closeAllConnections();
      }, closeWithinMs);
      await closed;
      clearTimeout(force);
    },
  };
}

function open(
  fetch: Parameters<typeof serve>[0]['fetch'],
  hostname: string,
  port: number,
): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port }, () => {
      server.off('error', refuse);
      resolve(server);
    });
    const refuse = (error: NodeJS.ErrnoException) => reject(explain(error, hostname, port));
    server.once('error', refuse);
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const causes: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken by another program, perhaps another Broadsheet. Stop that one, or set PORT to a free port.`,
    EACCES: `Port ${port} needs more rights than this account has. Set PORT to a number above 1023.`,
    EADDRNOTAVAIL: `This machine has no address ${host}. Set HOST to one it has, such as 127.0.0.1.`,
    ENOTFOUND: `HOST is ${host}, which is not the name of this machine. Set it to an address such as 127.0.0.1.`,
  };
  return new ListenError(causes[error.code ?? ''] ?? `Cannot listen on ${host}:${port}: ${error.message}`, {
    cause: error,
  });
}
