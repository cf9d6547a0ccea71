import { afterEach, expect, test } from 'vitest';
import { pack } from '../../src/domain/digest.ts';
import type { KeyRing } from '../../src/domain/tokens.ts';
import { fillOf, type MailedDigest } from '../../src/press/mailed-digest.ts';
import { bodyHash } from '../../src/press/body-hash.ts';
import { openPress, type Press, type Supply } from '../../src/press/press.ts';
import { Permanent } from '../../src/queue/errors.ts';
import { layOutSample, renderSample, sampleParts } from '../support/sample-fragments.ts';

const sample = await renderSample();
const keys: KeyRing = [{ id: 'a1', secret: Buffer.alloc(32, 1) }];
const digests = ['ada@example.org', 'bob@example.org'].map((address, place): MailedDigest => ({
  subscriberId: place + 1,
  localDate: '2025-12-12',
  composition: pack({ ...sampleParts, isTextOnly: false }),
  address,
  addressVersion: 1,
  keyId: 'a1',
}));

let asked: number[] = [];
const supply = (shell = sample.shell): Supply => ({
  readShell: async () => shell,
  async readFragments(ids) {
    asked.push(...ids);
    return new Map(ids.map((id) => [id, sample.fragments.get(id)!]));
  },
});
const order = () => ({ shellId: 1, keys, digests, memory: undefined as ArrayBuffer | undefined });

const presses: Press[] = [];
function open(keptMax?: number): Press {
  asked = [];
  const press = openPress(keptMax === undefined ? {} : { keptMax });
  presses.push(press);
  return press;
}
afterEach(async () => {
  for (const press of presses.splice(0)) await press.close();
});

function putTogetherHere(): Buffer {
  const mails = digests.map((digest) => ({ composition: digest.composition, fill: fillOf(digest, keys) }));
  return layOutSample(sample).assembleBatch(1, mails).body;
}

test('its thread prints the bytes that this one would, and their hash', async () => {
  const { body, hash } = await open().print(supply(), order());
  expect(body.equals(putTogetherHere())).toBe(true);
  expect(hash).toEqual(bodyHash(body));
});

test('memory goes there and comes back, and what lies there is not asked for again', async () => {
  const press = open();
  const first = await press.print(supply(), order());
  expect(asked.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
  const second = await press.print(supply(), { ...order(), memory: first.memory });
  expect(first.memory.byteLength).toBe(0);
  expect(second.body.equals(putTogetherHere())).toBe(true);
  expect(asked).toHaveLength(5);
});

test('memory that is too small is made larger', async () => {
  const { body } = await open().print(supply(), { ...order(), memory: new ArrayBuffer(10) });
  expect(body.equals(putTogetherHere())).toBe(true);
});

test('once it keeps too much it is cleared, and supplied anew', async () => {
  const press = open(4);
  const bodies = [];
  for (let n = 0; n < 3; n++) bodies.push((await press.print(supply(), order())).body);
  expect(bodies.every((body) => body.equals(putTogetherHere()))).toBe(true);
  expect(asked).toHaveLength(15);
});

test('mails with a fault are refused for good, with its sentence, and the next order is printed', async () => {
  const press = open();
  const broken = Buffer.from(sample.shell.toString('latin1').replace('List-Unsubscribe-Post', 'X-Nothing'));
  const refused = press.print(supply(broken), { ...order(), shellId: 2 });
  await expect(refused).rejects.toThrow(Permanent);
  await expect(refused).rejects.toThrow('List-Unsubscribe-Post must be');
  expect((await press.print(supply(), order())).body.length).toBeGreaterThan(1000);
});

test('what cannot be had fails its order only', async () => {
  const press = open();
  const nothing: Supply = { ...supply(), readFragments: () => Promise.reject(new Error('gone')) };
  await expect(press.print(nothing, order())).rejects.toThrow('gone');
  expect((await press.print(supply(), order())).body.equals(putTogetherHere())).toBe(true);
});

test('when its thread ends, what it was printing fails, and a new one prints the next', async () => {
  const press = open();
  await press.print(supply(), order());
  // More than a thread prints before it is ended.
  const many = Array.from({ length: 5000 }, () => digests[0]!);
  const [cut] = await Promise.allSettled([
    press.print(supply(), { ...order(), digests: many }),
    press.close(),
  ]);
  expect(cut).toMatchObject({
    status: 'rejected',
    reason: { message: expect.stringContaining('The press stopped') },
  });
  expect((await press.print(supply(), order())).body.equals(putTogetherHere())).toBe(true);
});
