import { expect, test } from 'vitest';
import { pack, unpack } from '../../src/domain/digest.ts';
import { assembleBatch, assembleDigest, compileFragment } from '../../src/render/assemble.ts';
import { compile } from '../../src/render/compile.ts';
import { Hole } from '../../src/render/holes.ts';
import { checkMail, readMail } from '../../src/render/mail.ts';
import type { DigestFill } from '../../src/render/values.ts';
import { readerLinks } from '../../src/render/shell.ts';
import { renderSample, sampleParts } from '../support/sample-fragments.ts';

const sample = await renderSample();
const shellBytes = sample.shell;
const parts = unpack(pack({ ...sampleParts, isTextOnly: false }), (id) =>
  compileFragment(sample.fragments.get(id)!),
);
const fill: DigestFill = {
  address: "o'neil+papers@example.org",
  tag: 'd-1-20251212',
  tokens: { unsubscribe: 'u1', preferences: 'p1', digest: 'd1', taste: 't1' },
};
const shell = compile(shellBytes);

test('the same parts give the same bytes', () => {
  const one = assembleDigest(shell, { parts, fill });
  expect(assembleDigest(shell, { parts, fill: { ...fill } }).equals(one)).toBe(true);
  expect(readMail(one).to).toBe(fill.address);
  expect(checkMail(one)).toEqual([]);
});

test('a reader who follows nothing by name is told when, without a because', () => {
  const { html, text } = readMail(assembleDigest(shell, { parts, fill }));
  expect(html).toContain('You get this at 07:00 in Paris. We count nothing you read.');
  expect(text).toContain('You get this at 07:00 in Paris.\nWe count nothing you read.');
});

test('a batch is the JSON array of its mails, in order', () => {
  const digests = ['a', 'b', 'c'].map((tag) => ({ parts, fill: { ...fill, tag } }));
  const { body, mails: places } = assembleBatch(shell, digests);
  const array = JSON.parse(body.toString('latin1')) as { tags: { value: string }[] }[];
  expect(array.map(({ tags }) => tags[0]!.value)).toEqual(['a', 'b', 'c']);
  const mails = digests.map((digest) => assembleDigest(shell, digest));
  expect(body.toString()).toBe(`[${mails.join(',')}]`);
  expect(places.map(String)).toEqual(mails.map(String));
  expect(assembleBatch(shell, []).body.toString()).toBe('[]');
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
  expect(() => assembleDigest(shell, { parts, fill: { ...fill, address } })).toThrow('address');
});

test.each(['', 'a b', 'a"b', 'a/b', 'a\u0001b', 'é', 'x'.repeat(257)])(
  'a token or tag with other characters is refused: %j',
  (bad) => {
    expect(() => assembleDigest(shell, { parts, fill: { ...fill, tag: bad } })).toThrow('tag');
    for (const name of ['unsubscribe', 'preferences', 'digest', 'taste'] as const) {
      const tokens = { ...fill.tokens, [name]: bad };
      expect(() => assembleDigest(shell, { parts, fill: { ...fill, tokens } })).toThrow(`${name} token`);
    }
  },
);

test('a fragment with a hole where none may be is refused', () => {
  const { card } = parts.cards[0]!;
  const withSubject = (subject: typeof card) => ({ parts: { ...parts, subject }, fill });
  expect(() => assembleDigest(shell, withSubject(card))).toThrow('A fragment has hole 32 where none may be');
  const whyOfCard = { ...parts, cards: [{ card, why: card }] };
  expect(() => assembleDigest(shell, { parts: whyOfCard, fill })).toThrow('A fragment has hole 0');
  const strange = { html: [Hole.topics], text: [] };
  const cards = [{ card: strange, why: parts.subject }];
  expect(() => assembleDigest(shell, { parts: { ...parts, cards }, fill })).toThrow('A card has hole 7');
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
  const mail = JSON.parse(assembleDigest(shell, { parts, fill }).toString('latin1')) as Record<
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
  expect(checkMail(shellBytes).join()).toContain('a hole was left open');
});
