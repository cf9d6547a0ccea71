import { expect, test } from 'vitest';
import { pack } from '../../src/domain/digest.ts';
import type { KeyRing } from '../../src/domain/tokens.ts';
import { digestTokens } from '../../src/press/mailed-digest.ts';
import { putTogether } from '../../src/press/print.ts';
import { Permanent } from '../../src/queue/errors.ts';
import type { Assembler } from '../../src/render/assemble.ts';
import { layOutSample, renderSample, sampleParts } from '../support/sample-fragments.ts';

const assembler = layOutSample(await renderSample());
const keys: KeyRing = [{ id: 'a1', secret: Buffer.alloc(32, 1) }];
const [html, text] = [false, true].map((isTextOnly, place) => ({
  subscriberId: place + 1,
  localDate: '2025-12-12',
  composition: pack({ ...sampleParts, isTextOnly }),
  address: 'ada@example.org',
  addressVersion: 1,
  keyId: 'a1',
}));

/** An assembler that puts other bytes in the place of these. */
function wrong(from: string, to: string): Assembler {
  return {
    ...assembler,
    assembleBatch(...given) {
      const { body, mails } = assembler.assembleBatch(...given);
      const replaced = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replaceAll(from, to));
      return { body: replaced(body), mails: mails.map(replaced) };
    },
  };
}

test.each(['unsubscribe', 'preferences', 'digest', 'taste'] as const)(
  'a link to /%s/ that is not the reader’s own stops the batch, in a mail of text alone too',
  (page) => {
    const [first, second] = [html!, text!].map((digest) => digestTokens(keys, digest)[page]);
    for (const token of [first!, second!]) {
      const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'Q' : 'A'}`;
      const print = () => putTogether(wrong(token, forged), { shellId: 1, keys, digests: [html!, text!] });
      expect(print).toThrow(Permanent);
      expect(print).toThrow(`The link to /${page}/ is not the reader's own.`);
    }
  },
);

test('digests whose links are all their own are put together', () => {
  const body = putTogether(assembler, { shellId: 1, keys, digests: [html!, text!] });
  expect(JSON.parse(body.toString())).toHaveLength(2);
});
