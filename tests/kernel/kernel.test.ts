import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import asc from 'assemblyscript/asc';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestTag, pack, unpack } from '../../src/domain/digest.ts';
import { readToken, signDigestTokens } from '../../src/domain/tokens.ts';
import { openAssembler } from '../../src/render/assemble.ts';
import { compile } from '../../src/render/kernel.ts';
import { NotReady } from '../../src/render/stock.ts';
import { hole, Hole } from '../../src/render/holes.ts';
import { freezeText } from '../../src/render/freeze.ts';
import { anyComposition } from '../support/arbitrary-composition.ts';

const folder = new URL('../../src/kernel/', import.meta.url);

test('the module is what its source is compiled to by `npm run kernel`', async () => {
  let compiled: Uint8Array | undefined;
  let said = '';
  const { error } = await asc.main(['--config', 'src/kernel/asconfig.json'], {
    writeFile: (_name, contents) => void (compiled = contents as Uint8Array),
    stderr: { write: (chunk) => (said += String(chunk)) },
  });
  expect(said).toBe('');
  expect(error).toBeNull();
  expect(Buffer.from(compiled!).equals(await readFile(new URL('kernel.wasm', folder)))).toBe(true);
});

test('a module that is missing or cut short is named, with what to do', async () => {
  const whole = await readFile(new URL('kernel.wasm', folder));
  const cut = join(await mkdtemp(join(tmpdir(), 'broadsheet-kernel-')), 'kernel.wasm');
  expect(() => compile(pathToFileURL(cut))).toThrow(`${cut} cannot be loaded`);
  await writeFile(cut, whole.subarray(0, 2000));
  expect(() => compile(pathToFileURL(cut))).toThrow('or make it with `npm run kernel`');
  await rm(dirname(cut), { recursive: true });
});

const anyKey = fc.record({
  id: fc.string({ unit: fc.constantFrom(...'abcXYZ019'), minLength: 1, maxLength: 16 }),
  secret: fc.uint8Array({ minLength: 1, maxLength: 130 }).map((bytes) => Buffer.from(bytes)),
});
const anyDate = fc
  .date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const anyClaims = fc.record({
  subscriberId: fc.oneof(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 2000 })),
  addressVersion: fc.oneof(fc.integer({ min: 0, max: 36 ** 3 - 1 }), fc.integer({ min: 0, max: 40 })),
  localDate: anyDate,
});

const linked = freezeText(
  [
    Hole.digestTag,
    Hole.tasteToken,
    Hole.unsubscribeToken,
    Hole.preferencesToken,
    Hole.digestToken,
    Hole.address,
  ]
    .map(hole)
    .join(' '),
);
const empty = pack({ subject: 1, dayline: 1, slot: 1, topics: [], cards: [], isTextOnly: false });

test('it makes the tag and the tokens that everybody else makes and reads, whatever the key and the reader', () => {
  const assembler = openAssembler();
  assembler.layOutShell(1, linked);
  assembler.layOut(1, { html: Buffer.alloc(0), text: Buffer.alloc(0) });
  fc.assert(
    fc.property(
      fc.array(anyKey, { minLength: 1, maxLength: 3 }),
      fc.array(anyClaims, { minLength: 1 }),
      (keys, readers) => {
        for (const [n, claims] of readers.entries()) {
          const key = keys[n % keys.length]!;
          const fill = { address: 'a@example.org', key, ...claims };
          const { taste, unsubscribe, preferences, digest } = signDigestTokens(key, claims);
          const tag = digestTag(claims.subscriberId, claims.localDate);
          expect(assembler.assembleDigest(1, { composition: empty, fill }).toString()).toBe(
            [tag, taste, unsubscribe, preferences, digest, 'a@example.org'].join(' '),
          );
          expect(readToken([key], 'digest', digest)).toMatchObject(claims);
        }
      },
    ),
  );
});

const fill = {
  address: 'a@b',
  tag: 't',
  tokens: { unsubscribe: 'u', preferences: 'p', digest: 'd', taste: 't' },
};
const parts = [Hole.subject, Hole.dayline, Hole.slot, Hole.topics, Hole.cards].map(hole).join('|');

test('it reads every composition as it was packed', () => {
  const assembler = openAssembler();
  const named = (id: number) => Buffer.from(`<${id}>`);
  fc.assert(
    fc.property(anyComposition, (composition) => {
      assembler.clear();
      assembler.layOutShell(1, freezeText(parts));
      const { subject, dayline, slot, topics, cards } = composition;
      const whys = cards.flatMap(({ why, whyRest }) => (whyRest === undefined ? [why] : [why, whyRest]));
      for (const id of [subject, dayline, slot, ...topics, ...whys])
        assembler.layOut(id, { html: Buffer.alloc(0), text: named(id) });
      // A card shows itself and why; one that is a plain fragment elsewhere has to stay one.
      const plain = new Set([subject, dayline, slot, ...topics, ...whys]);
      const asCard = (id: number) => freezeText(`<${id}>${hole(Hole.why)}`);
      for (const { card } of cards)
        if (!plain.has(card)) assembler.layOut(card, { html: Buffer.alloc(0), text: asCard(card) });
      const mail = assembler.assembleDigest(1, { composition: pack(composition), fill }).toString();
      const shown = (ids: readonly number[]) => ids.map((id) => `<${id}>`).join('');
      const [first, second, third, fourth, fifth] = mail.split('|');
      expect([first, second, third]).toEqual([subject, dayline, slot].map((id) => shown([id])));
      expect(fourth!.match(/<\d+>/g) ?? []).toEqual(topics.map((id) => shown([id])));
      const said = cards.map(({ card, why, whyRest }) => {
        if (plain.has(card)) return shown([card]);
        return shown([card, why, ...(whyRest === undefined ? [] : [whyRest])]);
      });
      expect(fifth).toBe(said.join(''));
    }),
  );
});

test('it refuses exactly the bytes that are no composition, and says of others what lacks', () => {
  const { layOutShell, assembleDigest } = openAssembler();
  layOutShell(1, freezeText(parts));
  const thrownBy = (work: () => unknown): unknown => {
    try {
      work();
    } catch (error) {
      return error;
    }
    return undefined;
  };
  const few = fc.constantFrom(0, 1, 2, 3, 0x0f, 0x10, 0x7f, 0x80, 0x81, 0xff);
  const anyBytes = fc.uint8Array({ maxLength: 24 });
  const anyOdd = fc.array(few, { maxLength: 24 }).map((bytes) => Uint8Array.from(bytes));
  fc.assert(
    fc.property(fc.oneof(anyBytes, anyOdd), (composition) => {
      const damage = thrownBy(() => unpack(composition));
      const thrown = thrownBy(() => assembleDigest(1, { composition, fill }));
      expect(thrown instanceof NotReady ? undefined : thrown).toEqual(damage);
    }),
    { numRuns: 2000 },
  );
});

test('it finds each of tens of thousands of fragments, whatever their numbers, and takes no more than it finds soon', () => {
  const assembler = openAssembler();
  assembler.layOutShell(1, freezeText(hole(Hole.subject)));
  const ids = Array.from({ length: 48_000 }, (_, n) => (n % 2 === 0 ? n : n * 44_000 + 1));
  const html = Buffer.alloc(0);
  for (const id of ids) assembler.layOut(id, { html, text: Buffer.from(String(id)) });
  expect(assembler.size()).toBe(48_000);
  for (const id of ids.filter((_, n) => n % 97 === 0)) {
    const composition = pack({ subject: id, dayline: id, slot: id, topics: [], cards: [], isTextOnly: true });
    expect(assembler.assembleDigest(1, { composition, fill }).toString()).toBe(String(id));
  }
  expect(() => assembler.layOut(3, { html, text: html })).toThrow('more than 48000 fragments');
});
