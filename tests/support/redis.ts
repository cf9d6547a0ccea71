import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { Redis } from 'ioredis';

export interface TestRedis {
  redisUrl: string;
  /** A client to look at it and to play tricks on it. Only while the server runs. */
  ask<T>(question: (client: Redis) => Promise<T>): Promise<T>;
  /** Forgets everything, as an operator's FLUSHALL does. */
  flush(): Promise<void>;
  /** Throws away about half of all keys, as eviction under a lack of memory does: whatever they belong to. */
  evict(): Promise<void>;
  /** Kills the server as a crash does; nothing that it held comes back. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A Redis of one's own that keeps nothing; undefined, said aloud, on a machine that has no `redis-server`. */
export async function openTestRedis(settings: string[] = []): Promise<TestRedis | undefined> {
  const port = await freePort();
  let server = await startServer(port, settings);
  if (!server) {
    console.warn('Skipped: there is no redis-server here, so nothing is tested on Redis.');
    return undefined;
  }
  const redisUrl = `redis://127.0.0.1:${port}`;
  async function ask<T>(question: (client: Redis) => Promise<T>): Promise<T> {
    const client = new Redis(redisUrl);
    client.on('error', () => {});
    try {
      return await question(client);
    } finally {
      client.disconnect();
    }
  }
  async function kill(): Promise<void> {
    const running = server;
    server = undefined;
    if (!running) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }
  return {
    redisUrl,
    ask,
    flush: () => ask(async (client) => void (await client.flushall())),
    evict: () =>
      ask(async (client) => {
        const keys = await client.keys('*');
        const gone = keys.filter(() => Math.random() < 0.5);
        if (gone.length > 0) await client.unlink(...gone);
      }),
    kill,
    async start() {
      server = await startServer(port, settings);
      if (!server) throw new Error(`Redis did not start again on port ${port}.`);
    },
    close: kill,
  };
}

async function startServer(port: number, settings: string[]): Promise<ChildProcess | undefined> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', tmpdir(), '--save', '', ...settings];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const isReady = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.once('exit', () => resolve(false));
    server.stdout.on('data', (text: Buffer) => text.includes('Ready to accept') && resolve(true));
  });
  return isReady ? server : undefined;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
