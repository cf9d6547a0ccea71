import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { resendTransport } from '../../src/transport/resend.ts';
import type { Receipt, Submission } from '../../src/transport/transport.ts';

const ids = ['ae2014de-c168-4c61-8267-70d2662a1ce1', 'faccb7a5-8a28-4e9a-ac64-8da1cc3bc1cb'] as const;
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  vi.restoreAllMocks();
});

describe('what goes out', () => {
  test('is the bytes given, under the key, with the headers Resend wants', async () => {
    const seen: { request: IncomingMessage; body: Buffer }[] = [];
    const baseUrl = await listen((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ request, body: Buffer.concat(chunks) });
        response.end(JSON.stringify({ data: [{ id: ids[0] }] }));
      });
    });
    const body = Buffer.from('[ {"from":"a@b.test" ,"html":"caf\\u00e9"} ]');

    await resendTransport({ apiKey: 're_1', baseUrl: `${baseUrl}/` }).submit(
      batch({ body, key: 'batch/7/x' }),
    );

    expect(seen).toHaveLength(1);
    expect(seen[0]!.body.equals(body)).toBe(true);
    expect(seen[0]!.request.method).toBe('POST');
    expect(seen[0]!.request.url).toBe('/emails/batch');
    expect(seen[0]!.request.headers).toMatchObject({
      authorization: 'Bearer re_1',
      'content-type': 'application/json',
      'idempotency-key': 'batch/7/x',
      'x-batch-validation': 'permissive',
      'content-length': String(body.length),
    });
    expect(seen[0]!.request.headers['user-agent']).toMatch(/\S/);
  });

  test('goes to /emails without a validation mode when it is one mail', async () => {
    const seen: IncomingMessage[] = [];
    const baseUrl = await listen((request, response) => {
      seen.push(request);
      response.end(JSON.stringify({ id: ids[0] }));
    });

    const receipt = await submit(baseUrl, single());

    expect(receipt).toEqual({ outcome: 'accepted', ids: [ids[0]], refused: [], limits: {} });
    expect(seen[0]!.url).toBe('/emails');
    expect(seen[0]!.headers).not.toHaveProperty('x-batch-validation');
  });

  test('is nothing at all when the process is already stopping', async () => {
    const seen: IncomingMessage[] = [];
    const baseUrl = await listen((request, response) => {
      seen.push(request);
      response.end('{}');
    });

    const receipt = await submit(baseUrl, batch({ signal: AbortSignal.abort() }));

    expect(receipt).toMatchObject({ outcome: 'wait', code: 'stopping' });
    expect(seen).toEqual([]);
  });
});

describe('the identity', () => {
  test('names the base URL and hides the key', () => {
    const { identity } = resendTransport({ apiKey: 're_secret', baseUrl: 'https://api.resend.com/' });
    expect(identity).toMatch(/^https:\/\/api\.resend\.com#[0-9a-f]{16}$/);
    expect(identity).not.toContain('re_secret');
  });

  test('differs between accounts, and can be set', () => {
    const one = resendTransport({ apiKey: 're_1', baseUrl: 'https://api.resend.com' });
    const two = resendTransport({ apiKey: 're_2', baseUrl: 'https://api.resend.com' });
    const mailbox = resendTransport({ apiKey: 're_1', baseUrl: 'http://127.0.0.1:1', identity: 'mailbox' });
    expect(one.identity).not.toBe(two.identity);
    expect(mailbox.identity).toBe('mailbox');
  });
});

describe('an answer that never comes whole is lost', () => {
  const faults: Record<string, RequestListener> = {
    'the connection is reset after the request was read': (request) => {
      request.resume().on('end', () => request.socket.resetAndDestroy());
    },
    'the connection ends without an answer': (request) => {
      request.resume().on('end', () => request.socket.end());
    },
    'a success breaks off in its body': (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"data":[', () => request.socket.destroy());
    },
    'a success is a page': (_request, response) => response.end('<html>Please log in</html>'),
    'a success is empty': (_request, response) => response.writeHead(200).end(),
    'a success is 204': (_request, response) => response.writeHead(204).end(),
    'the answer is no HTTP': (request) => {
      request.socket.end('SMTP ready\r\n');
    },
    'the zipped answer is broken': (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"data":[]}').subarray(0, 12));
    },
  };
  test.each(Object.entries(faults))('%s', async (_name, fault) => {
    const receipt = await submit(await listen(fault), batch());
    expect(receipt).toMatchObject({ outcome: 'lost', code: 'no_answer' });
    expect(receipt).toHaveProperty('reason', expect.stringMatching(/\S/));
  });

  test('nobody listens', async () => {
    const baseUrl = await listen(() => {});
    await new Promise((resolve) => servers.pop()!.close(resolve));
    expect(await submit(baseUrl, batch())).toMatchObject({ outcome: 'lost', code: 'no_answer' });
  });

  test('it does not come in time', async () => {
    const baseUrl = await listen(() => {});
    expect(await submit(baseUrl, batch(), 40)).toMatchObject({ outcome: 'lost', code: 'timeout' });
  });

  test('its head comes in time and its body does not', async () => {
    const baseUrl = await listen((_request, response) => void response.writeHead(200).write('{"data"'));
    expect(await submit(baseUrl, batch(), 60)).toMatchObject({ outcome: 'lost', code: 'timeout' });
  });

  test('the body of an error stalls: the status may say something, but it is not waited for', async () => {
    const baseUrl = await listen((_request, response) => void response.writeHead(500).write('{'));
    expect(await submit(baseUrl, batch(), 60)).toMatchObject({ outcome: 'lost' });
  });

  test('the process stops while it waits', async () => {
    const stopping = new AbortController();
    const baseUrl = await listen(() => stopping.abort());
    const receipt = await submit(baseUrl, batch({ signal: stopping.signal }));
    expect(receipt).toMatchObject({ outcome: 'lost', code: 'stopping' });
  });
});

test('redirects are not followed', async () => {
  const paths: (string | undefined)[] = [];
  for (const status of [301, 302, 303, 307, 308]) {
    const baseUrl = await listen((request, response) => {
      paths.push(request.url);
      if (request.url === '/elsewhere') return void response.end(JSON.stringify({ data: [{ id: ids[0] }] }));
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    expect(await submit(baseUrl, batch())).toMatchObject({ outcome: 'lost' });
  }
  expect(paths).not.toContain('/elsewhere');
});

test('a zipped answer is read', async () => {
  const baseUrl = await listen((_request, response) => {
    response
      .writeHead(200, { 'content-encoding': 'gzip' })
      .end(gzipSync(JSON.stringify({ data: [{ id: ids[0] }] })));
  });
  expect(await submit(baseUrl, batch())).toMatchObject({ outcome: 'accepted', ids: [ids[0]] });
});

test('an error whose body breaks off still counts by its status', async () => {
  const cut = (status: number) =>
    listen((request, response) => {
      response.writeHead(status, { 'content-length': '500' });
      response.write('{"statusCode":', () => request.socket.destroy());
    });
  expect(await submit(await cut(422), batch())).toMatchObject({ outcome: 'refused' });
  expect(await submit(await cut(429), batch())).toMatchObject({ outcome: 'wait' });
  expect(await submit(await cut(503), batch())).toMatchObject({ outcome: 'lost' });
});

test('pages in place of errors count by their status', async () => {
  const page = (status: number) =>
    listen((_request, response) => response.writeHead(status).end('error code: 1010'));
  expect(await submit(await page(403), batch())).toMatchObject({ outcome: 'halt' });
  expect(await submit(await page(502), batch())).toMatchObject({ outcome: 'lost' });
  expect(await submit(await page(429), batch())).toMatchObject({ outcome: 'wait', retryAfterMs: 1_000 });
});

test('nothing is written to the console, whatever the answer', async () => {
  const written = (['log', 'error', 'warn', 'info', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(() => {}),
  );
  for (const status of [200, 401, 422, 500]) {
    await submit(
      await listen((_request, response) => response.writeHead(status).end('{"message":"no"}')),
      batch(),
    );
  }
  for (const spy of written) expect(spy).not.toHaveBeenCalled();
});

test('requests that ended leave no listener on a signal that lives on', async () => {
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  const baseUrl = await listen((_request, response) =>
    response.end(JSON.stringify({ data: [{ id: ids[0] }] })),
  );
  const transport = resendTransport({ apiKey: 're_1', baseUrl });
  for (let round = 0; round < 3; round += 1) await transport.submit(batch({ signal }));
  expect(removed.mock.calls.length).toBe(added.mock.calls.length);
});

function batch(changes: Partial<Submission> = {}): Submission {
  return { kind: 'batch', key: 'k', body: Buffer.from('[{}]'), members: 1, ...changes };
}

function single(): Submission {
  return { kind: 'single', key: 'k', body: Buffer.from('{}'), members: 1 };
}

function submit(baseUrl: string, request: Submission, timeoutMs = 5_000): Promise<Receipt> {
  return resendTransport({ apiKey: 're_1', baseUrl, timeoutMs }).submit(request);
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
