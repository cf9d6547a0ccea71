import fc from 'fast-check';
import type { CardPaper, Reason } from '../../src/render/fragments.ts';

/** What nobody should put into a paper, and somebody will. */
const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'it\'s "quoted" & <b>bold</b>',
  '\r\nBcc: everyone@example.org',
  '\u202Egnp.exe\u202C',
  '\uE000\uE001\uE005\uE00B',
  '\u0001\u0041\u0000\u001b[31m',
  '\uD800 lone',
  '{{confirmUrl}} ${x} %%TOKEN%%',
  '\\u0022,"to":"other@example.org","x":"',
  '流匹配：一種不需要資料的蒸餾方法。第二句在這裡。',
  'e.g. 1.45 vs. 2.3 et al. Then more. And more! Really?',
  '𝒜𝓁𝓅𝒽𝒶 😀 مرحبا',
  'word'.repeat(300),
  '',
];

export const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostile) },
  { weight: 2, arbitrary: fc.lorem({ maxCount: 80 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 400 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.constantFrom(...hostile), { maxLength: 6 }).map((all) => all.join(' ')),
  },
);

const anyAddress = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.webUrl({ validSchemes: ['https'], withQueryParameters: true, withFragments: true }),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'javascript:alert(1)',
      'http://plain.example/x',
      'https://user:pass@example.org/',
      'https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2511.20462.png',
      `https://example.org/${'a&b"c'.repeat(200)}`,
      'https://例え.jp/ページ?q="><script>',
      'https://example.org/\uE001\u202E',
      'data:text/html,x',
      '',
    ),
  },
  { weight: 1, arbitrary: fc.string() },
);
const maybeAddress = fc.option(anyAddress, { nil: null });

/** The name is ours, made of the picture's bytes; its size is what somebody uploaded. */
const anyPicture = fc.record({
  name: fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((sha256) => Buffer.from(sha256).toString('base64url')),
  width: fc.integer({ min: 32, max: 1280 }),
  height: fc.integer({ min: 1, max: 1600 }),
});

export const anyPaper: fc.Arbitrary<CardPaper> = fc.record({
  key: fc.oneof(
    fc.constantFrom(
      'arxiv:2511.20462',
      'arxiv:hep-th/9901001',
      `url:https://example.org/${'x'.repeat(150)}?a=1&b=2`,
    ),
    anyText,
  ),
  title: anyText,
  abstract: anyText,
  summary: anyText,
  authors: fc.array(anyText, { maxLength: 4 }),
  authorsCount: fc.nat({ max: 10_000 }),
  organization: fc.option(anyText, { nil: null }),
  publishedAt: fc.option(fc.date({ noInvalidDate: false }), { nil: null }),
  votes: fc.integer({ min: -1, max: 1e9 }),
  comments: fc.integer({ min: -1, max: 1e9 }),
  codeStars: fc.option(fc.nat(), { nil: null }),
  url: anyAddress,
  pdfUrl: maybeAddress,
  codeUrl: maybeAddress,
  projectUrl: maybeAddress,
  editorNote: fc.oneof(fc.constant(''), anyText),
  pictures: fc.option(fc.record({ wide: anyPicture, small: anyPicture }), { nil: null }),
});

/** Names as most topics have them. */
const anyPlainName = fc
  .array(fc.stringMatching(/^[A-Za-z0-9-]{1,14}$/), { minLength: 1, maxLength: 4 })
  .map((words) => words.join(' '));

export const anyReason: fc.Arbitrary<Reason> = fc.record({
  name: fc.oneof(anyText, anyPlainName),
  inTitle: fc.boolean(),
  liked: fc.boolean(),
});
