import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { smtpTransport, type SmtpOptions } from '../../src/transport/smtp.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { type Behaviour, type MailServer, openMailServer } from '../support/mail-server.ts';

const link = 'https://digest.example.org/unsubscribe/' + 'aVeryLongToken_'.repeat(12);
const mail = {
  from: 'Broadsheet <digest@mail.example.org>',
  to: 'ada@uni.test',
  reply_to: 'editors@example.org',
  subject: 'STARFlow \u2013 “flows”, and 6 more',
  html: '<!doctype html><html><body><p>Gr\u00fc\u00dfe</p></body></html>',
  text: 'Gr\u00fc\u00dfe\n.\nA line that begins with a dot above.\n',
  headers: {
    'List-Unsubscribe': `<${link}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    'List-Id': 'Broadsheet <papers.example.org>',
    'Auto-Submitted': 'auto-generated',
  },
  tags: [{ name: 'digest', value: 'd-7-20261123' }],
};

let server: MailServer;
let transport: Transport;
beforeEach(async () => {
  server = await openMailServer();
  transport = smtpTransport(optionsFor(server.port));
});
afterEach(async () => {
  await transport.close();
  await server.close();
});

describe('a mail that the server takes', () => {
  test('is accepted with its Message-ID, which follows from the key', async () => {
    const receipt = await submit('ada@uni.test', { key: 'digest/1' });
    const id = createHash('sha256').update('digest/1').digest('hex').slice(0, 32);
    expect(receipt).toEqual({
      outcome: 'accepted',
      ids: [`<${id}@mail.example.org>`],
      refused: [],
      limits: {},
    });
    expect((await simpleParser(server.received[0]!.raw)).messageId).toBe(`<${id}@mail.example.org>`);
  });

  test('is the one that was frozen: sender, address, subject, both parts, every header', async () => {
    await submit('ada@uni.test');
    expect(server.received[0]).toMatchObject({ from: 'digest@mail.example.org', to: ['ada@uni.test'] });
    const parsed = await simpleParser(server.received[0]!.raw);
    expect(parsed).toMatchObject({ subject: mail.subject, html: mail.html });
    expect(parsed.text?.trim()).toBe(mail.text.trim());
    expect(parsed.from?.text).toBe('"Broadsheet" <digest@mail.example.org>');
    expect(parsed.replyTo?.text).toBe('editors@example.org');
    for (const [name, value] of Object.entries(mail.headers)) {
      expect(rawHeader(name)).toBe(value);
    }
    expect(rawHeader('X-Mailer')).toBeUndefined();
  });

  test('carries List-Unsubscribe on one line, however long it is', async () => {
    await submit('ada@uni.test');
    expect(server.received[0]!.raw.toString('latin1').split('\r\n')).toContain(`List-Unsubscribe: <${link}>`);
  });

  test('may be a single mail or a batch of one, the same bytes', async () => {
    await submit('ada@uni.test', { kind: 'single' });
    await submit('ada@uni.test', { kind: 'batch' });
    expect(server.received).toHaveLength(2);
  });

  test('goes out over a connection that is already there', async () => {
    for (let n = 0; n < 5; n += 1) await submit(`r${n}@uni.test`);
    expect(server.connections).toBe(1);
  });

  test('may take its time to be taken', async () => {
    expect(await submit('ada@uni.test', { does: 'takes slowly' })).toMatchObject({ outcome: 'accepted' });
  });

  test('goes out once over a new connection when the server has dropped the idle one', async () => {
    await submit('ada@uni.test');
    server.drop();
    expect(await submit('kenji@lab.test')).toMatchObject({ outcome: 'accepted' });
    expect(server.received.map(({ to }) => to[0])).toEqual(['ada@uni.test', 'kenji@lab.test']);
  });
});

describe('a mail that the server refuses', () => {
  const cases: [what: string, does: Behaviour, receipt: object][] = [
    [
      'no such mailbox',
      { at: 'rcpt', code: 550, words: '5.1.1 no such user' },
      { outcome: 'refused', code: 'smtp_550', bounce: 'hard', reason: expect.stringContaining('5.1.1') },
    ],
    [
      'refused without a class',
      { at: 'rcpt', code: 550, words: 'no' },
      { outcome: 'refused', bounce: 'soft' },
    ],
    [
      'policy, when asked',
      { at: 'rcpt', code: 554, words: '5.7.1 relay access denied' },
      { outcome: 'refused', bounce: 'policy' },
    ],
    [
      'policy, once read',
      { at: 'data', code: 550, words: '5.7.26 unauthenticated' },
      { outcome: 'refused', bounce: 'policy' },
    ],
    [
      'content, once read',
      { at: 'data', code: 554, words: '5.6.0 cannot be read' },
      { outcome: 'refused', bounce: 'content' },
    ],
    [
      'too large, once read',
      { at: 'data', code: 552, words: '5.3.4 too big' },
      { outcome: 'refused', bounce: 'content' },
    ],
    [
      'greylisted',
      { at: 'rcpt', code: 451, words: '4.7.1 try again later' },
      { outcome: 'deferred', code: 'smtp_451', retryAfterMs: 900_000 },
    ],
    [
      'mailbox full',
      { at: 'rcpt', code: 452, words: '4.2.2 full' },
      { outcome: 'deferred', code: 'smtp_452' },
    ],
    [
      'put off once read',
      { at: 'data', code: 450, words: '4.2.0 later' },
      { outcome: 'deferred', code: 'smtp_450' },
    ],
    [
      'server out of room',
      { at: 'data', code: 452, words: '4.3.1 no space' },
      { outcome: 'wait', code: 'smtp_452', retryAfterMs: 15_000 },
    ],
    [
      'sender refused',
      { at: 'mail', code: 553, words: '5.7.1 not your address' },
      { outcome: 'halt', code: 'smtp_553' },
    ],
    [
      'login wanted',
      { at: 'rcpt', code: 530, words: '5.7.0 authentication required' },
      { outcome: 'halt', code: 'smtp_530' },
    ],
    [
      'sender put off',
      { at: 'mail', code: 451, words: '4.7.0 slow down' },
      { outcome: 'wait', code: 'smtp_451' },
    ],
    [
      'server going away',
      { at: 'rcpt', code: 421, words: '4.3.2 shutting down' },
      { outcome: 'wait', code: 'smtp_421' },
    ],
  ];
  test.each(cases)('%s', async (_what, does, receipt) => {
    expect(await submit('ada@uni.test', { does })).toMatchObject(receipt);
    expect(server.received).toEqual([]);
  });

  test('does not hold up the next one', async () => {
    await submit('gone@uni.test', { does: { at: 'rcpt', code: 550, words: '5.1.1 no such user' } });
    expect(await submit('ada@uni.test')).toMatchObject({ outcome: 'accepted' });
  });
});

describe('an answer that does not come', () => {
  test('before DATA: nothing was taken, and it may be tried again', async () => {
    const receipt = await submit('ada@uni.test', { does: 'breaks at rcpt' });
    expect(receipt).toMatchObject({ outcome: 'wait', retryAfterMs: 15_000 });
    expect(server.received).toEqual([]);
  });

  test('after DATA: lost, although the server has the mail, and it was handed over once', async () => {
    const receipt = await submit('ada@uni.test', { does: 'takes and breaks' });
    expect(receipt).toMatchObject({ outcome: 'lost', code: 'no_answer' });
    expect(server.received).toHaveLength(1);
  });

  test('after DATA on a connection that was used before: lost too, and never handed over twice', async () => {
    await submit('kenji@lab.test');
    const receipt = await submit('ada@uni.test', { does: 'takes and breaks' });
    expect(receipt).toMatchObject({ outcome: 'lost' });
    expect(server.asked.filter((address) => address === 'ada@uni.test')).toHaveLength(1);
  });

  test('in time: lost', async () => {
    await transport.close();
    transport = smtpTransport(optionsFor(server.port, { replyTimeoutMs: 200 }));
    const receipt = await submit('ada@uni.test', { does: 'takes and says nothing' });
    expect(receipt).toMatchObject({ outcome: 'lost', code: 'timeout' });
  });

  test('because the server says 421 after the mail: lost, since it may have kept it', async () => {
    const receipt = await submit('ada@uni.test', { does: { at: 'data', code: 421, words: '4.4.2 bye' } });
    expect(receipt).toMatchObject({ outcome: 'lost' });
  });

  test('in words that make no sense after the mail: lost', async () => {
    const odd = await openOdd((line) => (line === '.' ? 'what?' : undefined));
    const receipt = await submitTo(odd.port);
    expect(receipt).toMatchObject({ outcome: 'lost' });
    odd.server.close();
  });
});

describe('a server that is not there', () => {
  test('is asked again later: nothing left', async () => {
    await server.close();
    expect(await submit('ada@uni.test')).toMatchObject({
      outcome: 'wait',
      code: 'econnrefused',
      retryAfterMs: 15_000,
    });
    server = await openMailServer();
  });

  test('or breaks off before it says hello: likewise', async () => {
    const odd = await openOdd(() => undefined, { greeting: false });
    expect(await submitTo(odd.port)).toMatchObject({ outcome: 'wait' });
    odd.server.close();
  });

  test('or refuses everybody: halts, for the operator', async () => {
    const odd = await openOdd(() => undefined, { greeting: '554 no service here' });
    expect(await submitTo(odd.port)).toMatchObject({ outcome: 'halt', code: 'smtp_554' });
    odd.server.close();
  });
});

describe('whom it trusts', () => {
  test('on this machine it needs no TLS', async () => {
    expect(await submit('ada@uni.test')).toMatchObject({ outcome: 'accepted' });
  });

  test('elsewhere it hands nothing over without TLS, and says so', async () => {
    await transport.close();
    transport = smtpTransport(optionsFor(server.port, { tlsOptional: false }));
    expect(await submit('ada@uni.test')).toMatchObject({ outcome: 'halt' });
    expect(server.asked).toEqual([]);
  });

  test('a certificate that nobody vouches for halts everything', async () => {
    await server.close();
    server = await openMailServer({ disabledCommands: [] });
    await transport.close();
    transport = smtpTransport(optionsFor(server.port, { tlsOptional: false }));
    expect(await submit('ada@uni.test')).toMatchObject({ outcome: 'halt' });
    expect(server.asked).toEqual([]);
  });

  test('a wrong password halts everything, and is in no receipt', async () => {
    await server.close();
    server = await openMailServer({
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(Object.assign(new Error('5.7.8 wrong'), { responseCode: 535 })),
    });
    await transport.close();
    const auth = { user: 'broadsheet', pass: 'a secret word' };
    transport = smtpTransport(optionsFor(server.port, { auth }));
    const receipt = await submit('ada@uni.test');
    expect(receipt).toMatchObject({ outcome: 'halt', code: 'smtp_535' });
    expect(JSON.stringify(receipt)).not.toContain('secret');
    expect(transport.identity).toBe(`smtp://127.0.0.1:${server.port}#broadsheet`);
  });
});

describe('a process that stops', () => {
  test('before the request hands nothing over', async () => {
    expect(await submit('ada@uni.test', { signal: AbortSignal.abort() })).toMatchObject({
      outcome: 'wait',
      code: 'stopping',
    });
    expect(server.asked).toEqual([]);
  });

  test('in the middle of the mail waits for the answer', async () => {
    const stop = new AbortController();
    const receipt = submit('ada@uni.test', { does: 'takes slowly', signal: stop.signal });
    await expect.poll(() => server.received.length).toBe(1);
    stop.abort();
    expect(await receipt).toMatchObject({ outcome: 'accepted' });
  });
});

describe('what is no single mail', () => {
  test('two mails are refused, so that the caller splits', async () => {
    const body = Buffer.from(JSON.stringify([mail, mail]));
    expect(await transport.submit({ kind: 'batch', key: 'k', body, members: 2 })).toMatchObject({
      outcome: 'refused',
      code: 'one_mail_a_request',
    });
  });

  test.each(['', '[]', '7', '{}', '[null]'])('%j is refused', async (text) => {
    const body = Buffer.from(text);
    expect(await transport.submit({ kind: 'batch', key: 'k', body, members: 1 })).toMatchObject({
      outcome: 'refused',
      code: 'unreadable_mail',
    });
  });
});

describe('the signature', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const dkim = { domain: 'example.org', selector: 'bs1', privateKey };

  test('covers List-Unsubscribe and List-Unsubscribe-Post, and holds by RFC 6376', async () => {
    await transport.close();
    transport = smtpTransport(optionsFor(server.port, { dkim }));
    await submit('ada@uni.test');
    const raw = server.received[0]!.raw.toString('latin1');
    const tags = signatureTags(raw);
    expect(tags).toMatchObject({ a: 'rsa-sha256', c: 'relaxed/relaxed', d: 'example.org', s: 'bs1' });
    const signed = tags['h']!.toLowerCase().split(':');
    for (const name of [
      'from',
      'to',
      'subject',
      'date',
      'list-id',
      'list-unsubscribe',
      'list-unsubscribe-post',
    ])
      expect(signed).toContain(name);
    expect(verifies(raw, publicKey)).toBe(true);
    expect(verifies(raw.replace('One-Click', 'One-Clock'), publicKey)).toBe(false);
    expect(verifies(raw.replace('dot above', 'dot below'), publicKey)).toBe(false);
  });
});

interface Wish {
  does?: Behaviour;
  key?: string;
  kind?: 'single' | 'batch';
  signal?: AbortSignal;
}

function isAtMail(does: Behaviour): boolean {
  return typeof does === 'object' && does.at === 'mail';
}

function submit(to: string, { does, key = `digest/${to}`, kind = 'batch', signal }: Wish = {}) {
  if (does) server.behaviours.set(isAtMail(does) ? 'digest@mail.example.org' : to, does);
  const one = { ...mail, to };
  const body = Buffer.from(ascii(JSON.stringify(kind === 'batch' ? [one] : one)));
  return transport.submit({ kind, key, body, members: 1, ...(signal && { signal }) });
}

async function submitTo(port: number) {
  await transport.close();
  transport = smtpTransport(optionsFor(port));
  return submit('ada@uni.test');
}

function optionsFor(port: number, more: Partial<SmtpOptions> = {}): SmtpOptions {
  return {
    host: '127.0.0.1',
    port,
    secure: false,
    auth: undefined,
    tlsOptional: true,
    name: 'papers.example.org',
    ...more,
  };
}

/** As our bodies are: JSON with everything else escaped. */
function ascii(json: string): string {
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function rawHeader(name: string): string | undefined {
  const head = server.received[0]!.raw.toString('latin1').split('\r\n\r\n', 1)[0]!;
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const line = lines.find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim();
}

/** A server of few words: `reply` answers a line, or 250 where it says nothing. */
async function openOdd(
  reply: (line: string) => string | undefined,
  { greeting = '220 odd' as string | false } = {},
): Promise<{ server: Server; port: number }> {
  const odd = createServer((socket) => {
    socket.on('error', () => {});
    if (greeting === false) return void socket.destroy();
    socket.write(`${greeting}\r\n`);
    let inData = false;
    let rest = '';
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      const lines = rest.split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (inData && line !== '.') continue;
        const words = reply(line) ?? (line === 'DATA' ? '354 go on' : '250 fine');
        inData = line === 'DATA';
        socket.write(`${words}\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
  return { server: odd, port: (odd.address() as AddressInfo).port };
}

function signatureTags(raw: string): Record<string, string> {
  const field = /^DKIM-Signature:((?:.*\r\n)(?:[ \t].*\r\n)*)/im.exec(raw)![1]!;
  return Object.fromEntries(
    field.split(';').map((tag) => {
      const [name, ...value] = tag.split('=');
      return [name!.trim(), value.join('=').replaceAll(/\s+/g, '')];
    }),
  );
}

/** RFC 6376 with relaxed canonicalisation, by node:crypto and our own reading of it. */
function verifies(raw: string, publicKey: string): boolean {
  const cut = raw.indexOf('\r\n\r\n');
  const fields = raw.slice(0, cut + 2).match(/[^\r\n]+\r\n(?:[ \t][^\r\n]*\r\n)*/g)!;
  const body = raw
    .slice(cut + 4)
    .replaceAll(/[ \t]+/g, ' ')
    .replaceAll(/ \r\n/g, '\r\n')
    .replace(/(?:\r\n)*$/, '\r\n');
  const tags = signatureTags(raw);
  if (createHash('sha256').update(body, 'latin1').digest('base64') !== tags['bh']) return false;
  const relaxed = (field: string) => {
    const [name, ...value] = field.split(':');
    return `${name!.trim().toLowerCase()}:${value.join(':').replaceAll(/\s+/g, ' ').trim()}`;
  };
  const signed = tags['h']!.split(':').map((name) => {
    const field = fields.findLast((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
    return `${relaxed(field!)}\r\n`;
  });
  const own = fields.find((one) => /^dkim-signature:/i.test(one))!;
  const blank = relaxed(own).replace(/(;\s*b=)[^;]*$/, '$1');
  const data = Buffer.from(signed.join('') + blank, 'latin1');
  return verify('sha256', data, createPublicKey(publicKey), Buffer.from(tags['b']!, 'base64'));
}
