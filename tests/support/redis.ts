import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

export interface TestRedis {
  redisUrl: string;
  close(): Promise<void>;
}

/** A Redis of one's own that keeps nothing; undefined, said aloud, on a machine that has no `redis-server`. */
export async function openTestRedis(): Promise<TestRedis | undefined> {
  const port = await freePort();
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '']);
  const started = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.once('exit', () => resolve(false));
    server.stdout.on('data', (text: Buffer) => text.includes('Ready to accept') && resolve(true));
  });
  if (!started) {
    console.warn('Skipped: there is no redis-server here, so nothing is tested on Redis.');
    return undefined;
  }
  return {
    redisUrl: `redis://127.0.0.1:${port}`,
    async close() {
      server.kill();
      await once(server, 'exit');
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
