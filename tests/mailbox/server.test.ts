import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { resendTransport } from '../../src/transport/resend.ts';
import { openTestDatabase } from '../support/database.ts';
import type { MailboxServerSettings } from '../support/mailbox-server.ts';

const script = fileURLToPath(new URL('../support/mailbox-server.ts', import.meta.url));

test('the mailbox runs as a process of its own, with faults that another process scripts', async () => {
  const database = await openTestDatabase();
  const settings: MailboxServerSettings = {
    databaseUrl: database.databaseUrl,
    webhookUrl: 'http://127.0.0.1:9/',
    webhookSecret: 'whsec_AAAA',
    apiKey: 're_chaos',
    faults: { faults: [{ does: 'reset', when: 'after', times: 1 }] },
    faultControl: true,
  };
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { baseUrl, apiKey } = JSON.parse(line) as { baseUrl: string; apiKey: string };
  const transport = resendTransport({ baseUrl, apiKey });
  const mail = { from: 'digest@papers.test', to: 'ada@uni.test', subject: 'Papers', text: 'Hi' };
  const request = { kind: 'single', key: 'k', members: 1, body: Buffer.from(JSON.stringify(mail)) } as const;

  expect(await transport.submit(request)).toMatchObject({ outcome: 'lost' });
  expect(await transport.submit(request)).toMatchObject({ outcome: 'accepted' });
  expect(await (await fetch(`${baseUrl}/_faults`)).json()).toMatchObject({ faults: [{ happened: 1 }] });

  child.stdin.end();
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
  await database.close();
});
