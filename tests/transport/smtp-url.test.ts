import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSmtpUrl, smtpIdentity, type SmtpServer } from '../../src/transport/smtp-url.ts';

describe('an address of a mail server', () => {
  test('names the port, or the usual one', () => {
    expect(serverOf('smtp://mail.example.org')).toMatchObject({ port: 587, secure: false });
    expect(serverOf('smtps://mail.example.org')).toMatchObject({ port: 465, secure: true });
    expect(serverOf('smtp://mail.example.org:2525')).toMatchObject({ port: 2525 });
  });

  test('demands TLS, except on this machine or where it is said not to', () => {
    expect(serverOf('smtp://mail.example.org').tlsOptional).toBe(false);
    expect(serverOf('smtp://mail.example.org?tls=optional').tlsOptional).toBe(true);
    for (const host of ['localhost', '127.0.0.1', '[::1]'])
      expect(serverOf(`smtp://${host}:25`).tlsOptional).toBe(true);
    expect(serverOf('smtp://localhost.example.org').tlsOptional).toBe(false);
  });

  test('takes names and passwords of any letters, percent-encoded', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.string({ minLength: 1, unit: 'grapheme' }),
        (user, pass) => {
          const url = `smtp://${encodeURIComponent(user)}:${encodeURIComponent(pass)}@mail.example.org`;
          expect(serverOf(url).auth).toEqual({ user, pass });
        },
      ),
    );
  });

  test('takes what a signature needs, all of it or nothing', () => {
    const all = 'dkim-domain=example.org&dkim-selector=bs1&dkim-key-file=%2Fetc%2Fdkim.pem';
    expect(serverOf(`smtp://mail.example.org?${all}`).dkim).toEqual({
      domain: 'example.org',
      selector: 'bs1',
      keyFile: '/etc/dkim.pem',
    });
    expect(faultOf(`smtp://mail.example.org?${all.slice(24)}`)).toContain('together');
    expect(faultOf(`smtp://mail.example.org?${all.replace('bs1', 'b;s')}`)).toContain('dkim-selector');
    expect(faultOf(`smtp://mail.example.org?${all.replace('example.org', 'org')}`)).toContain('dkim-domain');
  });

  test.each([
    'mail.example.org',
    'http://mail.example.org',
    'smtp://',
    'smtp:mail.example.org',
    'smtp://mail.example.org/path',
    'smtp://ada@mail.example.org',
    'smtp://:secret@mail.example.org',
    'smtp://ada:%ff@mail.example.org',
    'smtp://mail.example.org?tls=none',
    'smtp://mail.example.org?pool=true',
    'smtp://mail.example.org?name=a%20b',
  ])('%s is refused', (url) => {
    expect(faultOf(url)).toBeTruthy();
  });

  test('never throws, and never repeats what it was given', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(faultOf(`smtp://ada:hidden-${text}`) ?? '').not.toContain('hidden');
      }),
    );
  });
});

test('its identity names server and account, and no secret', () => {
  const identity = smtpIdentity(serverOf('smtps://ada:secret@mail.example.org'));
  expect(identity).toBe('smtps://mail.example.org:465#ada');
});

function serverOf(url: string): SmtpServer {
  const read = readSmtpUrl(url);
  if ('fault' in read) throw new Error(read.fault);
  return read.server;
}

function faultOf(url: string): string | undefined {
  const read = readSmtpUrl(url);
  return 'fault' in read ? read.fault : undefined;
}
