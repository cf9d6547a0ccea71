import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';

import { within } from '../src/deadline.ts';

test('work that ends in time gives what it gives, and nothing is left in the signal of the caller', async () => {
  const caller = new AbortController();
  let kept: AbortSignal | undefined;
  const given = await within(60_000, caller.signal, async ({ signal, reason }) => {
    kept = signal;
    return `done, ${reason() ?? 'in time'}`;
  });
  expect(given).toBe('done, in time');
  caller.abort();
  expect(kept!.aborted).toBe(false);
});

test('when the caller stops, or had stopped before, the work is told why', async () => {
  const caller = new AbortController();
  await within(60_000, caller.signal, async ({ signal, reason }) => {
    expect(signal.aborted).toBe(false);
    caller.abort();
    expect(signal.aborted).toBe(true);
    expect(reason()).toBe('stopping');
  });
  await within(60_000, caller.signal, async ({ signal, reason }) => {
    expect([signal.aborted, reason()]).toEqual([true, 'stopping']);
  });
});

test('a request without an answer ends, however often the memory is cleaned while it waits', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const server = createServer((_, answer) => void answer.writeHead(200).write('half'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const cleaning = setInterval(collectGarbage, 5);
  try {
    const asked = within(100, new AbortController().signal, async ({ signal, reason }) => {
      const text = await fetch(url, { signal }).then((answer) => answer.text());
      return reason() ?? text;
    });
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  } finally {
    clearInterval(cleaning);
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});
