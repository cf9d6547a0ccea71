import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';

import { type ServerType, serve } from '@hono/node-server';

import { mailboxApi, type MailboxApiOptions } from './app.ts';
import { type EventOptions, mailboxEvents } from './events.ts';

export interface MailboxListener {
  /** For the transport: where it speaks to, and the key that this listener alone knows and takes. */
  baseUrl: string;
  apiKey: string;
  close(): Promise<void>;
}

export interface ListenOptions extends EventOptions, Omit<MailboxApiOptions, 'events'> {
  /** A free one unless given. */
  port?: number;
}

/** Opens the mailbox's API on the loopback, under a key of its own unless one is given. Any process may have one: the mails are in the tables. */
export async function listenMailbox(options: ListenOptions): Promise<MailboxListener> {
  const events = mailboxEvents(options);
  const apiKey = options.apiKey ?? `re_mailbox_${randomBytes(18).toString('base64url')}`;
  const api = mailboxApi({ ...options, events, apiKey });
  const server = await open(api.fetch, options.port ?? 0);
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    apiKey,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        if ('closeIdleConnections' in server) server.closeIdleConnections();
      });
      await events.close();
    },
  };
}

function open(fetch: Parameters<typeof serve>[0]['fetch'], port: number): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: '127.0.0.1', port }, () => resolve(server));
    server.once('error', reject);
  });
}
