import { expect, test } from 'vitest';
import { type Composition, pack } from '../../src/domain/digest.ts';
import { openAssembler } from '../../src/render/assemble.ts';
import type { FragmentBytes } from '../../src/render/freeze.ts';
import { holeBase, holeMark, Hole } from '../../src/render/holes.ts';
import { checkMail, readMail } from '../../src/render/mail.ts';
import { readerLinks } from '../../src/render/shell.ts';
import { NotReady } from '../../src/render/stock.ts';
import { layOutSample, renderSample, sampleParts } from '../support/sample-fragments.ts';

const sample = await renderSample();
const composition = packed({});
const fill = {
  address: "o'neil+papers@example.org",
  tag: 'd-1-20251212',
  tokens: { unsubscribe: 'u1', preferences: 'p1', digest: 'd1', taste: 't1' },
};
const { assembleBatch, assembleDigest } = layOutSample(sample);

function packed(parts: Partial<Composition>): Buffer {
  return pack({ ...sampleParts, isTextOnly: false, ...parts });
}

/** The mail of these parts, with more fragments laid out as 10, 11 and so on. */
function assembleWith(parts: Partial<Composition>, ...more: FragmentBytes[]): Buffer {
  const assembler = layOutSample(sample);
  for (const [n, fragment] of more.entries()) assembler.layOut(10 + n, fragment);
  return assembler.assembleDigest(1, { composition: packed(parts), fill });
}

const plain = (text: string): FragmentBytes => ({
  html: Buffer.from(`<i>${text}</i>`),
  text: Buffer.from(text),
});

test('the same parts give the same bytes', () => {
  const one = assembleDigest(1, { composition, fill });
  expect(assembleDigest(1, { composition, fill: { ...fill } }).equals(one)).toBe(true);
  expect(readMail(one).to).toBe(fill.address);
  expect(checkMail(one)).toEqual([]);
});

test('a mail of text alone has all but the HTML', () => {
  const { html, ...whole } = readMail(assembleDigest(1, { composition, fill }));
  expect(html).toContain('</html>');
  expect(readMail(assembleWith({ isTextOnly: true }))).toEqual({ ...whole, html: '' });
});

test('a reader who follows nothing by name is told when, without a because', () => {
  const { html, text } = readMail(assembleDigest(1, { composition, fill }));
  expect(html).toContain('You get this at 07:00 in Paris. We count nothing you read.');
  expect(text).toContain('You get this at 07:00 in Paris.\nWe count nothing you read.');
});

test.each([
  [1, '<i>a</i>', 'a'],
  [2, '<i>a</i> and <i>b</i>', 'a\n  b'],
  [4, '<i>a</i>, <i>b</i>, <i>c</i> and <i>d</i>', 'a\n  b\n  c\n  d'],
])('of %i topics all are named, strung together', (count, inHtml, inText) => {
  const names = ['a', 'b', 'c', 'd'].slice(0, count);
  const mail = assembleWith({ topics: names.map((_, n) => 10 + n) }, ...names.map(plain));
  const { html, text } = readMail(mail);
  expect(html).toContain(`in Paris because you follow ${inHtml}. We count`);
  expect(text).toContain(`in Paris,\nbecause you follow\n  ${inText}\nWe count`);
});

test('why a paper is here may be said in two parts', () => {
  const [card] = sampleParts.cards;
  const mail = assembleWith({ cards: [{ ...card!, why: 10, whyRest: 11 }] }, plain('this'), plain('that'));
  expect(readMail(mail).html).toContain('<i>this</i><i>that</i>');
  expect(readMail(mail).text).toContain('thisthat');
});

test('a batch is the JSON array of its mails, in order', () => {
  const digests = ['a', 'b', 'c'].map((tag) => ({ composition, fill: { ...fill, tag } }));
  const { body, mails: places } = assembleBatch(1, digests);
  const array = JSON.parse(body.toString('latin1')) as { tags: { value: string }[] }[];
  expect(array.map(({ tags }) => tags[0]!.value)).toEqual(['a', 'b', 'c']);
  const mails = digests.map((digest) => assembleDigest(1, digest));
  expect(body.toString()).toBe(`[${mails.join(',')}]`);
  expect(places.map(String)).toEqual(mails.map(String));
  expect(assembleBatch(1, []).body.toString()).toBe('[]');
});

test('what lacks is named, all of it at once', () => {
  const assembler = openAssembler();
  const digests = [
    { composition, fill },
    { composition: packed({ subject: 77 }), fill },
  ];
  const lackingNow = () => {
    try {
      assembler.assembleBatch(1, digests);
    } catch (error) {
      if (error instanceof NotReady) return error.lacking;
    }
    throw new Error('Nothing lacked.');
  };
  expect(lackingNow()).toEqual({ shells: [1], fragments: [4, 2, 3, 0, 1, 77] });
  assembler.layOutShell(1, sample.shell);
  for (const [id, fragment] of sample.fragments) assembler.layOut(id, fragment);
  expect(lackingNow()).toEqual({ shells: [], fragments: [77] });
  assembler.layOut(77, plain('subject'));
  const { body } = assembler.assembleBatch(1, digests);
  assembler.clear();
  expect(assembler.size()).toBe(0);
  expect(lackingNow().fragments).toHaveLength(6);
  // As good as new.
  assembler.layOutShell(1, sample.shell);
  for (const [id, fragment] of sample.fragments) assembler.layOut(id, fragment);
  assembler.layOut(77, plain('subject'));
  expect(assembler.assembleBatch(1, digests).body.equals(body)).toBe(true);
});

test('what lies there already takes no room again, however often it is brought', () => {
  const assembler = layOutSample(sample);
  const before = assembler.assembleDigest(1, { composition, fill });
  const large = { html: Buffer.alloc(1_000_000, 'a'), text: Buffer.alloc(0) };
  for (let n = 0; n < 300; n++) {
    assembler.layOut(10, large);
    assembler.layOutShell(1, sample.shell);
  }
  expect(assembler.size()).toBe(sample.fragments.size + 1);
  expect(assembler.assembleDigest(1, { composition, fill }).equals(before)).toBe(true);
});

test('fragments beyond all measure are refused, and after a clearing there is room again', () => {
  const assembler = layOutSample(sample);
  const large = { html: Buffer.alloc(10_000_000, 'a'), text: Buffer.alloc(0) };
  const layMany = () => {
    for (let id = 10; id < 40; id++) assembler.layOut(id, large);
  };
  expect(layMany).toThrow('more than 256 MiB of fragments');
  expect(checkMail(assembler.assembleDigest(1, { composition, fill }))).toEqual([]);
  assembler.clear();
  assembler.layOut(10, large);
  expect(assembler.size()).toBe(1);
});

test('a damaged composition is named as such, and the next digest is put together', () => {
  const refused = (bytes: Uint8Array) => () => assembleDigest(1, { composition: bytes, fill });
  expect(refused(composition.subarray(0, -1))).toThrow('fits no layout');
  expect(refused(new Uint8Array())).toThrow('fits no layout');
  expect(refused(new Uint8Array(2000))).toThrow('damaged');
  expect(checkMail(assembleDigest(1, { composition, fill }))).toEqual([]);
});

test.each([
  'no-at-sign',
  'two words@example.org',
  'quote"@example.org',
  'back\\slash@example.org',
  'a@example.org,b@example.org',
  'Name <a@example.org>',
  'line\r\nbreak@example.org',
  'ünicode@example.org',
  '',
])('an address that could break out of its place is refused: %j', (address) => {
  expect(() => assembleDigest(1, { composition, fill: { ...fill, address } })).toThrow('address');
});

test.each(['', 'a b', 'a"b', 'a/b', 'a\u0001b', 'é', 'x'.repeat(257)])(
  'a token or tag with other characters is refused: %j',
  (bad) => {
    expect(() => assembleDigest(1, { composition, fill: { ...fill, tag: bad } })).toThrow('tag');
    for (const name of ['unsubscribe', 'preferences', 'digest', 'taste'] as const) {
      const tokens = { ...fill.tokens, [name]: bad };
      expect(() => assembleDigest(1, { composition, fill: { ...fill, tokens } })).toThrow(`${name} token`);
    }
  },
);

const withHole = (n: number) => ({ html: Buffer.from([holeMark, holeBase + n]), text: Buffer.alloc(0) });

test('a fragment with a hole where none may be is refused', () => {
  const card = sampleParts.cards[0]!.card;
  expect(() => assembleWith({ subject: card })).toThrow('a hole where none may be');
  expect(() => assembleWith({ topics: [card] })).toThrow('a hole where none may be');
  expect(() => assembleWith({ cards: [{ card, why: card }] })).toThrow('a hole where none may be');
  expect(() => assembleWith({ cards: [{ card, why: 1, whyRest: card }] })).toThrow(
    'a hole where none may be',
  );
  expect(() => assembleWith({}, withHole(Hole.topics))).toThrow('a hole that no fragment has');
});

test('frozen bytes with a broken hole are refused, and a shell with one that nothing fills', () => {
  const { layOut, layOutShell } = openAssembler();
  const text = Buffer.alloc(0);
  expect(() => layOut(1, { html: Buffer.from([0x41, holeMark]), text })).toThrow('broken hole at byte 1');
  expect(() => layOut(1, { html: text, text: Buffer.from([holeMark, 0x9f]) })).toThrow(
    'broken hole at byte 0',
  );
  expect(() => layOutShell(1, withHole(Hole.why).html)).toThrow('a hole that nothing fills');
  expect(() => layOutShell(1, withHole(31).html)).toThrow('a hole that nothing fills');
});

test('a mail of more than a megabyte is refused, not cut, and nothing beside it is harmed', () => {
  const assembler = layOutSample(sample);
  assembler.layOut(10, { html: Buffer.alloc(400_000, 'a'), text: Buffer.alloc(0) });
  const cardsOf = (count: number) => Array.from({ length: count }, () => ({ card: 10, why: 1 }));
  const two = { composition: packed({ cards: cardsOf(2) }), fill };
  const three = { composition: packed({ cards: cardsOf(3) }), fill };
  const before = assembler.assembleDigest(1, two);
  expect(() => assembler.assembleDigest(1, three)).toThrow('A mail would have more than 1048512 bytes');
  expect(assembler.assembleDigest(1, two).equals(before)).toBe(true);
});

test('a base address that is no plain web address is refused when the shell is made', () => {
  for (const baseUrl of [
    'localhost:3000',
    'https://example.org/',
    'javascript:alert(1)',
    'https://a b',
    'https://a"b',
  ]) {
    expect(() => readerLinks(baseUrl)).toThrow('PUBLIC_URL');
  }
});

/** A good mail, with something changed in it. */
function broken(change: (mail: Record<string, unknown>) => void): string[] {
  const mail = JSON.parse(assembleDigest(1, { composition, fill }).toString('latin1')) as Record<
    string,
    unknown
  >;
  change(mail);
  const ascii = JSON.stringify(mail).replace(
    /[^\0-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return checkMail(Buffer.from(ascii));
}

test.each<[string, string, (mail: Record<string, unknown>) => void]>([
  [
    'a header is missing',
    'List-Unsubscribe must',
    (mail) => delete (mail['headers'] as never)['List-Unsubscribe'],
  ],
  [
    'one click is missing',
    'List-Unsubscribe-Post',
    (mail) => delete (mail['headers'] as never)['List-Unsubscribe-Post'],
  ],
  ['the list has no id', 'List-Id', (mail) => delete (mail['headers'] as never)['List-Id']],
  [
    'it does not say that a machine wrote it',
    'Auto-Submitted',
    (mail) => delete (mail['headers'] as never)['Auto-Submitted'],
  ],
  [
    'a subject would make a header',
    'subject has a line break',
    (mail) => (mail['subject'] = 'a\r\nBcc: b@example.org'),
  ],
  ['there is no subject', 'subject is empty', (mail) => (mail['subject'] = '  ')],
  ['there is no text', 'text part is empty', (mail) => (mail['text'] = '')],
  ['Gmail would clip it', '90000', (mail) => (mail['html'] = `${String(mail['html'])}${'x'.repeat(90_000)}`)],
  ['the link to leave is gone', 'no link to unsubscribe', (mail) => (mail['html'] = '<html></html>')],
])('a mail is stopped when %s', (_claim, fault, change) => {
  expect(broken(change).join(' ')).toContain(fault);
});

test('bytes that are no JSON are named as such', () => {
  expect(checkMail(Buffer.from('{"from":'))).toEqual(['The mail is not valid JSON.']);
  expect(checkMail(sample.shell).join()).toContain('a hole was left open');
});
