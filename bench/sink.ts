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
/** No string in JSON can hold these bytes, since its quotes would be escaped; each mail has one `to`, and never first. */
const memberMark = Buffer.from(',"to":');

let delayMs = 0;
let taken: Taken = { requests: 0, mails: 0, bytes: 0 };
const answers = new Map<string, string>();

const server = createServer((request, response) => void take(request, response));
server.keepAliveTimeout = 60_000;

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { mails, bytes } = await read(request);
  if (delayMs > 0) await pause(delayMs);
  const key = request.headers['idempotency-key'];
  const known = typeof key === 'string' ? answers.get(key) : undefined;
  if (known === undefined) count(mails, bytes);
  const answer = known ?? answerTo(mails, request.url === '/emails/batch');
  if (typeof key === 'string') answers.set(key, answer);
  cleanUp();
  response
    .writeHead(200, { 'content-type': 'application/json', 'ratelimit-limit': manyPerSecond })
    .end(answer);
}

/** Looks through each chunk as it comes, since putting them together first takes twice as long; a mark may lie across two. */
async function read(request: IncomingMessage): Promise<{ mails: number; bytes: number }> {
  const seam = memberMark.length - 1;
  let [mails, bytes] = [0, 0];
  let end = Buffer.alloc(0);
  request.on('data', (chunk: Buffer) => {
    mails += marksIn(Buffer.concat([end, chunk.subarray(0, seam)])) + marksIn(chunk);
    bytes += chunk.length;
    end = Buffer.concat([end, chunk.subarray(-seam)]).subarray(-seam);
  });
  await once(request, 'end');
  return { mails, bytes };
}

/**
 * Node gives each chunk memory of its own, outside of the heap and dead a moment later. V8 looks at how much of that there is
 * and then cleans the whole heap, a dozen times an edition; cleaning what is young, once a request, takes a tenth of that.
 */
function cleanUp(): void {
  globalThis.gc?.({ type: 'minor' });
}

function marksIn(bytes: Buffer): number {
  let marks = 0;
  for (let at = bytes.indexOf(memberMark); at >= 0; at = bytes.indexOf(memberMark, at + memberMark.length))
    marks++;
  return marks;
}

function count(mails: number, bytes: number): void {
  taken.requests++;
  taken.mails += mails;
  taken.bytes += bytes;
}

function answerTo(mails: number, isBatch: boolean): string {
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
