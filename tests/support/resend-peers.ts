import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createEmulator } from 'emulate';
import { listenMailbox, type ListenOptions } from '../../src/mailbox/listen.ts';
import type { TestDatabase } from './database.ts';

/** Something that speaks Resend's API on this machine. */
export interface Peer {
  name: 'mailbox' | 'emulator';
  baseUrl: string;
  apiKey: string;
  close(): Promise<void>;
}

export async function openMailboxPeer(
  { db }: TestDatabase,
  options: Partial<ListenOptions> = {},
): Promise<Peer> {
  const webhook = { webhookUrl: 'http://127.0.0.1:9/', webhookSecret: 'whsec_AAAA', retryAfterMs: [] };
  const mailbox = await listenMailbox({ db, ...webhook, ...options });
  return { name: 'mailbox', ...mailbox };
}

/** `emulate`, by others and from the documents alone: what both say alike is no idea of ours. */
export async function openEmulatorPeer(): Promise<Peer> {
  const emulator = await createEmulator({ service: 'resend', port: await freePort() });
  return { name: 'emulator', baseUrl: emulator.url, apiKey: 're_test', close: () => emulator.close() };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
