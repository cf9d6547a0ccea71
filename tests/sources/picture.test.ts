import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isPictureAddress } from '../../src/domain/picture.ts';
import { fetchPicture, pictureBytesMax, type Requester } from '../../src/sources/picture.ts';
import { resizePicture, sizedBytesMax } from '../../src/sources/picture-sizes.ts';
import { isPublicAddress, publicLookup } from '../../src/sources/public-address.ts';

const host = 'https://cdn-thumbnails.huggingface.co';
const signal = new AbortController().signal;
const asked: string[] = [];
let server: Server;
/** The real request, sent in plain to a server of this test instead of the host. */
let toServer: Requester;

beforeAll(async () => {
  server = createServer((message, answer) => {
    asked.push(message.url!);
    const [, kind] = /^\/(\w+)/.exec(message.url!)!;
    if (kind === 'moved') answer.writeHead(302, { location: `${host}/picture` }).end();
    else if (kind === 'away') answer.writeHead(302, { location: 'https://tracker.test/picture' }).end();
    else if (kind === 'plain') answer.writeHead(301, { location: 'http://huggingface.co/picture' }).end();
    else if (kind === 'inside') answer.writeHead(307, { location: 'https://169.254.169.254/latest' }).end();
    else if (kind === 'loop') answer.writeHead(302, { location: '/loop' }).end();
    else if (kind === 'gone') answer.writeHead(404).end();
    else if (kind === 'huge') answer.writeHead(200).end(Buffer.alloc(pictureBytesMax + 1));
    else answer.writeHead(200).end('bytes');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  toServer = (url, { headers, signal: stop }, answer) =>
    httpRequest(
      { host: '127.0.0.1', port, path: url.pathname, headers, ...(stop && { signal: stop }) },
      answer,
    );
});
afterAll(() => server.close());

test('a picture is fetched from its host, over redirects within the list and over no others', async () => {
  const get = (path: string) => fetchPicture(host + path, signal, toServer);
  expect(await get('/picture')).toEqual({ bytes: Buffer.from('bytes') });
  expect(await get('/moved')).toEqual({ bytes: Buffer.from('bytes') });
  for (const path of ['/away', '/plain', '/inside'])
    expect(await get(path)).toEqual({ refused: 'not from a host on the list' });
  expect(await get('/loop')).toEqual({ refused: 'redirected too often' });
  expect(await get('/gone')).toEqual({ refused: 'answered 404' });
  expect(await get('/huge')).toEqual({ refused: 'larger than a picture should be' });
});

test('nothing is asked of any other address', async () => {
  asked.length = 0;
  for (const address of [
    'https://tracker.example/pixel.gif',
    'https://cdn-thumbnails.huggingface.co.evil.example/x.png',
    'http://cdn-thumbnails.huggingface.co/x.png',
    'https://cdn-thumbnails.huggingface.co:8443/x.png',
    'https://me:secret@cdn-thumbnails.huggingface.co/x.png',
    'https://127.0.0.1/x.png',
    'file:///etc/passwd',
    '',
  ]) {
    expect(isPictureAddress(address)).toBe(false);
    expect(await fetchPicture(address, signal, toServer)).toHaveProperty('refused');
  }
  expect(asked).toEqual([]);
});

test('a host that does not answer is no fault of the picture', async () => {
  expect(await fetchPicture(`${host}/picture`, signal)).toHaveProperty('unreachable');
});

test('a name that resolves to a private address is not connected to', async () => {
  const found = await new Promise<[unknown, unknown]>((resolve) => {
    publicLookup('localhost', { all: false }, (error, address) => resolve([error?.code, address]));
  });
  expect(found).toEqual(['EACCES', '']);
});

test('private, local and special addresses are told from public ones, in either dress', () => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '2a00:1450:4001::5'])
    expect([address, isPublicAddress(address)]).toEqual([address, true]);
  for (const address of [
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    'ff02::1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'x',
    '',
  ])
    expect([address, isPublicAddress(address)]).toEqual([address, false]);
  const inside = fc.constantFrom(
    '10.',
    '127.',
    '192.168.',
    '169.254.',
    '172.16.',
    '100.64.',
    '0.',
    '224.',
    '255.',
  );
  fc.assert(
    fc.property(inside, fc.array(fc.nat(255), { minLength: 3, maxLength: 3 }), (prefix, rest) => {
      const parts = prefix.split('.').filter(Boolean);
      const address = [...parts, ...rest].slice(0, 4).join('.');
      expect(isPublicAddress(address)).toBe(false);
      expect(isPublicAddress(`::ffff:${address}`)).toBe(false);
    }),
  );
});

test('a picture becomes two JPEGs: within the sheet’s width, and a small one cut to one shape', async () => {
  const wide = await sharp({ create: { width: 2400, height: 1000, channels: 4, background: '#1f4e7980' } })
    .png()
    .toBuffer();
  const sizes = (await resizePicture(wide))!;
  expect([sizes.wide.width, sizes.wide.height]).toEqual([1280, 533]);
  expect([sizes.small.width, sizes.small.height]).toEqual([320, 180]);
  for (const { bytes, width, height } of [sizes.wide, sizes.small]) {
    const found = await sharp(bytes).metadata();
    expect([found.format, found.width, found.height]).toEqual(['jpeg', width, height]);
    expect(found.exif).toBeUndefined();
    expect(bytes.length).toBeLessThan(sizedBytesMax);
  }
});

test('what is no usual picture is left out: documents, bombs, dots, broken files', async () => {
  const png = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
  const bomb = await sharp({
    create: { width: 9000, height: 9000, channels: 3, background: '#000' },
    limitInputPixels: false,
  })
    .png()
    .toBuffer();
  expect(bomb.length).toBeLessThan(1_000_000);
  const whole = await png(200, 200);
  for (const bytes of [
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"><image href="file:///etc/passwd"/></svg>',
    ),
    Buffer.from('<html>'),
    Buffer.alloc(0),
    bomb,
    await png(1, 1),
    Buffer.concat([whole.subarray(0, 30), Buffer.from('broken')]),
  ]) {
    expect(await resizePicture(bytes)).toBeUndefined();
  }
});
