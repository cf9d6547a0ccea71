/**
 * The other end, as a process of its own: speaks as much of Resend's API as a sender needs and throws the mails away.
 * It reads every byte, counts mails and remembers keys, but parses no JSON, so that it costs both cores little.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { answerParent } from './answering.ts';

/** What the sink took since the last look. */
export interface Taken {
  requests: number;
  mails: number;
  bytes: number;
}

const manyPerSecond = '1000000';
/** No string in JSON can hold these bytes, since its quotes would be escaped; and each mail has one `to`. */
const memberMark = Buffer.from('"to":');

let delayMs = 0;
let taken: Taken = { requests: 0, mails: 0, bytes: 0 };
const answers = new Map<string, string>();

const server = createServer((request, response) => void take(request, response));
server.keepAliveTimeout = 60_000;

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (delayMs > 0) await pause(delayMs);
  const body = Buffer.concat(chunks);
  const key = request.headers['idempotency-key'];
  const known = typeof key === 'string' ? answers.get(key) : undefined;
  const answer = known ?? accept(body, request.url === '/emails/batch');
  if (typeof key === 'string') answers.set(key, answer);
  response
    .writeHead(200, { 'content-type': 'application/json', 'ratelimit-limit': manyPerSecond })
    .end(answer);
}

function accept(body: Buffer, isBatch: boolean): string {
  let mails = 0;
  for (let at = body.indexOf(memberMark); at >= 0; at = body.indexOf(memberMark, at + memberMark.length))
    mails++;
  taken.requests++;
  taken.mails += mails;
  taken.bytes += body.length;
  if (!isBatch) return JSON.stringify({ id: randomUUID() });
  return JSON.stringify({ data: Array.from({ length: mails }, () => ({ id: randomUUID() })) });
}

server.listen(0, '127.0.0.1');
await once(server, 'listening');
answerParent({
  url: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  delay: (ms: number) => void (delayMs = ms),
  taken() {
    const now = taken;
    taken = { requests: 0, mails: 0, bytes: 0 };
    answers.clear();
    return now;
  },
});
