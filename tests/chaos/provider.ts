/**
 * The other end, as a process of its own that is never killed: the mailbox's API on a database of its own, behind a
 * proxy that strikes with faults, and a sender of webhooks that repeats, shuffles and hurries them.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase, openPool } from '../../src/db/connect.ts';
import { listenMailbox } from '../../src/mailbox/listen.ts';
import { openDeck, openDice } from './dice.ts';
import { openRequestBook } from './request-book.ts';
import { openWebhookSender, webhookFaults } from './webhook-sender.ts';

export interface ProviderSettings {
  databaseUrl: string;
  webhookUrl: string;
  webhookSecret: string;
  seed: number;
  /** Share of requests that a fault strikes, and share of mails that webhooks tell of. */
  faults: number;
  webhooks: number;
}

export interface ProviderReport {
  struck: Record<string, number>;
  /** Key → hex SHA-256 of the bytes that came under it. */
  bodies: [key: string, sha256: string][];
  /** Keys under which other bytes came later. */
  changed: string[];
  /** Times that two living processes were at one key. */
  shared: number;
  requests: number;
  webhooks: { posted: number; open: number };
  /** What was reported of each mail, by tag: the earliest moment of each kind. */
  outcomes: [tag: string, kind: string, at: string][];
}

export type ToProvider = { ask: 'report' } | { tell: 'postgres restarted' } | { faults: number };

const settings = JSON.parse(process.argv[2]!) as ProviderSettings;
const dice = openDice(settings.seed);
const pool = openPool(settings.databaseUrl, { max: 10, applicationName: 'chaos provider' });
const { webhookUrl, webhookSecret } = settings;
const mailbox = await listenMailbox({
  db: openDatabase(pool),
  // The kit's own sender tells of outcomes; the mailbox has none of its own addresses here.
  webhookUrl,
  webhookSecret,
  requestsPerSecond: 1000,
});

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A fault before the mailbox sees the request, or after it took it: what it does to the answer. */
type Before = (response: ServerResponse) => Answer | 'no answer' | Promise<void>;
type After = (response: ServerResponse, answer: Answer) => Answer | 'no answer' | Promise<Answer>;

const before: Record<string, Before> = {
  'reset before acceptance': (response) => reset(response),
  'rate limit (429)': () =>
    failure(429, 'rate_limit_exceeded', { 'retry-after': '1', 'ratelimit-limit': '100' }),
  'server error (500)': () => failure(500, 'internal_server_error'),
  'bad gateway (HTML 502)': () => html,
  'request under way (409)': () => failure(409, 'concurrent_idempotent_requests'),
  'slow to take it': () => pause(dice.between(300, 2_000)),
};

const after: Record<string, After> = {
  'reset after acceptance': (response) => reset(response),
  'server error (500) after acceptance': () => failure(500, 'application_error'),
  'bad gateway (HTML 502) after acceptance': () => html,
  'half an answer': (_, answer) => ({
    ...answer,
    body: answer.body.subarray(0, Math.floor(answer.body.length / 2)),
  }),
  'an answer about fewer mails': (_, answer) => ({ ...answer, body: Buffer.from('{"data":[]}') }),
  'slow to answer': async (_, answer) => {
    await pause(dice.between(300, 3_000));
    return answer;
  },
};

const server = createServer((request, response) => {
  void serve(request, response).catch((error: Error) => {
    console.error(error);
    response.destroy();
  });
});

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request).catch(() => undefined);
  if (!body) return;
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string') return ask(request, body, response);
  const done = book.enter(key, body, response);
  const early = strike(drawBefore);
  const instead = early && (await before[early]!(response));
  const answer = instead || (await take(request, body, response));
  if (answer !== 'no answer') send(response, answer);
  done();
}

/** A question about the suppression list or a mail: no new mail, so nothing that could double. */
async function ask(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
  book.strike('asked about its list or a mail');
  const answer = dice.chance(settings.faults) ? failure(500, 'internal_server_error') : undefined;
  if (answer) book.strike('server error (500) to such a question');
  send(response, answer ?? (await forward(request, body)));
}

async function take(
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<Answer | 'no answer'> {
  const answer = await forward(request, body);
  if (answer.status !== 200) {
    if (answer.status !== 409) book.strike(`the mailbox's own ${answer.status}`);
    return answer;
  }
  await sender.tell(body, answer.body);
  const late = strike(drawAfter);
  return late ? after[late]!(response, answer) : answer;
}

const book = openRequestBook([...Object.keys(before), ...Object.keys(after), ...webhookFaults]);
const sender = openWebhookSender({
  webhookUrl,
  webhookSecret,
  dice,
  share: settings.webhooks,
  onStruck: (fault) => book.strike(fault),
});

const drawBefore = openDeck(dice, Object.keys(before));
const drawAfter = openDeck(dice, Object.keys(after));

function strike(draw: () => string): string | undefined {
  if (!dice.chance(settings.faults / 2)) return undefined;
  const name = draw();
  book.strike(name);
  return name;
}

async function forward(request: IncomingMessage, body: Buffer): Promise<Answer> {
  const headers = new Headers();
  for (const name of ['content-type', 'user-agent', 'idempotency-key', 'x-batch-validation']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  headers.set('authorization', `Bearer ${mailbox.apiKey}`);
  const { url, method } = request;
  const answer = await fetch(`${mailbox.baseUrl}${url}`, {
    method: method!,
    headers,
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
  return {
    status: answer.status,
    headers: { 'content-type': 'application/json', 'ratelimit-limit': '1000' },
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed) return;
  response.writeHead(status, headers).end(body);
}

function reset(response: ServerResponse): 'no answer' {
  response.socket?.resetAndDestroy();
  return 'no answer';
}

function failure(status: number, name: string, headers: Record<string, string> = {}): Answer {
  const body = Buffer.from(
    JSON.stringify({ statusCode: status, name, message: 'A fault of the chaos kit.' }),
  );
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}

const html: Answer = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: Buffer.from('<html><body><h1>502 Bad Gateway</h1></body></html>'),
};

server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.on('message', (message: ToProvider) => {
  if ('faults' in message) settings.faults = message.faults;
  else if ('tell' in message) book.excuse();
  else process.send!({ report: { ...book.report(), ...sender.report() } satisfies ProviderReport });
});
process.on('disconnect', () => process.exit());
process.send!({ port: (server.address() as AddressInfo).port });
