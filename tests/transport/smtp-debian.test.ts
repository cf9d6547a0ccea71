import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { smtpTransport } from '../../src/transport/smtp.ts';
import type { Transport } from '../../src/transport/transport.ts';

/** Where Debian's packages put their modules; a Python of another make does not see them. */
const python = '/usr/bin/python3';
const script = fileURLToPath(new URL('../support/debian-mail-server.py', import.meta.url));
const isThere = spawnSync(python, ['-c', 'import aiosmtpd, dkim']).status === 0;
if (!isThere) console.warn('No python3-aiosmtpd and python3-dkim here: apt-get install them. Not run.');

describe.skipIf(!isThere)('with Debian’s aiosmtpd as the server, and its dkim as the judge', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let server: ChildProcessByStdio<Writable, Readable, null>;
  let lines: AsyncIterator<string>;
  let transport: Transport;

  beforeAll(async () => {
    const der = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    server = spawn(python, [script, der], { stdio: ['pipe', 'pipe', 'inherit'] });
    lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    transport = smtpTransport({
      host: '127.0.0.1',
      port: Number((await next())['port']),
      secure: false,
      auth: undefined,
      tlsOptional: true,
      name: undefined,
      dkim: {
        domain: 'example.org',
        selector: 'bs1',
        privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      },
    });
  });
  afterAll(async () => {
    await transport.close();
    server.stdin.end();
  });

  async function next(): Promise<Record<string, unknown>> {
    const { value } = await lines.next();
    return JSON.parse(value as string) as Record<string, unknown>;
  }

  function submit(to: string, more: object = {}) {
    const mail = {
      from: 'Broadsheet <digest@example.org>',
      to,
      subject: 'Papers of the day',
      html: '<!doctype html><html><body><p>Hi</p></body></html>',
      text: '.hidden files\n\n.\nand a lone dot',
      headers: {
        'List-Unsubscribe': `<https://digest.example.org/unsubscribe/${'token'.repeat(40)}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
      ...more,
    };
    const body = Buffer.from(JSON.stringify([mail]), 'latin1');
    return transport.submit({ kind: 'batch', key: `digest/${to}`, body, members: 1 });
  }

  test('a mail arrives whole, signed, and without a defect', async () => {
    const receipt = await submit('ada@uni.test', { subject: `${'Long words of a title '.repeat(12)}end` });
    expect(receipt).toMatchObject({ outcome: 'accepted' });
    const mail = await next();
    expect(mail).toMatchObject({
      from: 'digest@example.org',
      to: ['ada@uni.test'],
      signed: true,
      defects: [],
      listUnsubscribe: `<https://digest.example.org/unsubscribe/${'token'.repeat(40)}>`,
      listUnsubscribePost: 'List-Unsubscribe=One-Click',
      subject: `${'Long words of a title '.repeat(12)}end`,
    });
    expect(mail['text']).toMatch(/^\.hidden files\s+\.\s+and a lone dot\s*$/);
    expect(receipt).toMatchObject({ ids: [mail['messageId']] });
  });

  test('refusals and delays are what it said', async () => {
    expect(await submit('gone@uni.test')).toMatchObject({ outcome: 'refused', bounce: 'hard' });
    expect(await submit('later@uni.test')).toMatchObject({ outcome: 'deferred', code: 'smtp_451' });
  });

  test('a hundred mails one after another arrive once each', async () => {
    const to = Array.from({ length: 100 }, (_, n) => `r${n}@uni.test`);
    for (const address of to) await submit(address);
    const arrived = [];
    for (const _ of to) arrived.push((await next())['to']);
    expect(arrived).toEqual(to.map((address) => [address]));
  });
});
