import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { authorsMax } from '../../src/domain/paper.ts';
import { parseDailyPapers, parseEntry } from '../../src/sources/huggingface.ts';

const paper = {
  id: '2607.00001',
  title: 'A Title\n  in Two Lines',
  summary: 'First line\nsecond line.',
  authors: [
    { name: 'Ada Lovelace' },
    { name: 'Secret', hidden: true },
    { name: ':' },
    { name: 'Łukasz Kaiser' },
  ],
  publishedAt: '2026-06-30T17:59:47.000Z',
  submittedOnDailyAt: '2026-07-01T00:00:00.000Z',
  upvotes: 12,
  ai_summary: 'Short.',
  ai_keywords: ['diffusion models', 'diffusion models', 'LoRA'],
  githubRepo: 'https://github.com/a/b',
  githubStars: 0,
  projectPage: 'https://example.org/page',
  organization: { name: 'nvidia', fullname: 'NVIDIA' },
};
const entry = {
  paper,
  numComments: 2,
  thumbnail: 'https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/2607.00001.png',
  mediaUrls: ['https://cdn-uploads.huggingface.co/a.mp4'],
};

const parse = (value: unknown, otherwise?: string) =>
  parseEntry(value, otherwise === undefined ? {} : { otherwise }) as Record<string, unknown>;
const parsePaper = (over: object, around: object = {}) =>
  parse({ ...entry, ...around, paper: { ...paper, ...over } });

describe('an entry of the daily list', () => {
  test('becomes a record with every fact it tells', () => {
    expect(parse(entry)).toEqual({
      key: 'arxiv:2607.00001',
      title: 'A Title in Two Lines',
      abstract: 'First line second line.',
      summary: 'Short.',
      authors: ['Ada Lovelace', 'Łukasz Kaiser'],
      authorsCount: 2,
      organization: 'NVIDIA',
      keywords: ['diffusion models', 'LoRA'],
      publishedAt: new Date('2026-06-30T17:59:47Z'),
      listedOn: '2026-07-01',
      url: 'https://arxiv.org/abs/2607.00001',
      pdfUrl: 'https://arxiv.org/pdf/2607.00001',
      codeUrl: 'https://github.com/a/b',
      codeStars: 0,
      projectUrl: 'https://example.org/page',
      thumbnailUrl: entry.thumbnail,
      votes: 12,
      comments: 2,
    });
  });

  test('needs an identifier, a title and a day, and nothing else', () => {
    expect(parse({ paper: { id: '2405.15738', title: 'T' } }, '2024-05-27')).toEqual({
      key: 'arxiv:2405.15738',
      title: 'T',
      listedOn: '2024-05-27',
      url: 'https://arxiv.org/abs/2405.15738',
      pdfUrl: 'https://arxiv.org/pdf/2405.15738',
    });
  });

  test.each([
    ['2026-07-01T00:44:05.364Z', '2026-07-01'],
    ['2026-07-01T00:00:00.000Z', '2026-07-01'],
    ['2026-07-01', '2026-07-01'],
    ['2026-7-1', '2026-07-01'],
  ])('says its listing day as %s', (submittedOnDailyAt, day) => {
    expect(parsePaper({ submittedOnDailyAt })['listedOn']).toBe(day);
  });

  test('that does not say its day takes the one it is given, and at last that of its publication', () => {
    const silent = { ...entry, paper: { ...paper, submittedOnDailyAt: undefined } };
    expect(parse(silent, '2026-07-02')['listedOn']).toBe('2026-07-02');
    expect(parse({ ...silent, publishedAt: '2024-05-27T03:50:58.348Z' })['listedOn']).toBe('2024-05-27');
    expect(parse(silent)['listedOn']).toBe('2026-06-30');
    expect(parse({ paper: { id: '2405.15738', title: 'T' } })['fault']).toMatch(/which day/);
  });

  test('keeps the organisation under each of its names', () => {
    expect(parsePaper({ organization: undefined }, { organization: { name: 'SJTU' } })['organization']).toBe(
      'SJTU',
    );
    expect(
      parsePaper({ organization: undefined }, { submitterOrganization: { fullname: 'ETH Zürich' } })[
        'organization'
      ],
    ).toBe('ETH Zürich');
    expect(parsePaper({ organization: { fullname: '\u202E' } })).not.toHaveProperty('organization');
  });

  test('drops versions from identifiers, and knows the old style', () => {
    expect(parsePaper({ id: '2607.00001v3' })['key']).toBe('arxiv:2607.00001');
    expect(parsePaper({ id: 'hep-th/9901001' })['key']).toBe('arxiv:hep-th/9901001');
    expect(parsePaper({ id: 'math.GT/0309136v2' })['key']).toBe('arxiv:math/0309136');
  });

  test.each([
    ['http://github.com/a/b'],
    ['javascript:alert(1)'],
    ['https://user:pass@github.com/a'],
    ['https://3.148.244.109:5000/x'],
    ['https://localhost/x'],
    ['https://github.com/a"onclick="x'],
    ['https://github.com/a\r\nX: y'],
    [`https://github.com/${'a'.repeat(600)}`],
    [{ href: 'https://github.com' }],
  ])('leaves out the link %j', (githubRepo) => {
    expect(parsePaper({ githubRepo })).not.toHaveProperty('codeUrl');
  });

  test('leaves out pictures of hosts that are not on the list', () => {
    expect(
      parsePaper({}, { thumbnail: 'https://evil.example/cdn-thumbnails.huggingface.co/x.png' }),
    ).not.toHaveProperty('thumbnailUrl');
    expect(parsePaper({}, { thumbnail: undefined, mediaUrl: entry.thumbnail })['thumbnailUrl']).toBe(
      entry.thumbnail,
    );
  });

  test.each([[-1], ['many'], [Number.NaN], [Number.POSITIVE_INFINITY], [1.5], [1e12], [null], [[]]])(
    'takes %j votes for none told',
    (upvotes) => {
      expect(parsePaper({ upvotes })).not.toHaveProperty('votes');
    },
  );

  test('takes votes written as digits', () => {
    expect(parsePaper({ upvotes: '17' })['votes']).toBe(17);
  });

  test('of 10,000 authors keeps the first hundred and their number', () => {
    const record = parsePaper({
      authors: Array.from({ length: 10_000 }, (_, n) => ({ name: `Author ${n}` })),
    });
    expect(record['authors']).toHaveLength(authorsMax);
    expect(record['authorsCount']).toBe(10_000);
  });

  test('keeps markup as the text it is, and drops what turns text around', () => {
    const record = parsePaper({ title: '<script>alert(1)</script> \u202Eevil', summary: 'in <answer> tags' });
    expect(record['title']).toBe('<script>alert(1)</script> evil');
    expect(record['abstract']).toBe('in <answer> tags');
  });

  test('tells a withdrawal', () => {
    expect(parsePaper({ withdrawnAt: '2026-07-02T00:00:00Z' })['withdrawn']).toBe(true);
  });

  test.each([
    [null, 'is null, not an object'],
    ['text', 'is a string, not an object'],
    [{}, 'has no "paper" object'],
    [{ paper: [] }, 'has no "paper" object'],
    [{ paper: { title: 'T' } }, 'has no paper.id'],
    [{ paper: { id: '../../etc', title: 'T' } }, 'is no arXiv identifier'],
    [{ paper: { id: 12, title: 'T' } }, 'is no arXiv identifier'],
    [{ paper: { id: '2613.00001', title: 'T' } }, 'is no arXiv identifier'],
    [{ paper: { id: '2607.00001' } }, 'has no title'],
    [{ paper: { id: '2607.00001', title: ' \u202E ' } }, 'its title is empty'],
    [{ paper: { id: '2607.00001', title: 7 } }, 'its title is a number, not text'],
    [{ paper: { id: '2607.00001', title: 'x'.repeat(10_000_000) } }, 'its title has 10000000 characters'],
  ])('is rejected with a reason: %#', (value, reason) => {
    expect(parse(value, '2026-07-01')['fault']).toContain(reason);
  });
});

describe('a list', () => {
  test('takes a paper that stands there twice once, and rejects by index', () => {
    const { papers, rejected } = parseDailyPapers(
      [entry, {}, entry, { paper: { id: '2607.00002', title: 'B' } }],
      {
        asked: '2026-07-01',
      },
    );
    expect(papers.map((record) => record.key)).toEqual(['arxiv:2607.00001', 'arxiv:2607.00002']);
    expect(rejected).toEqual([{ index: 1, reason: 'has no "paper" object' }]);
  });

  test('never throws and accounts for every entry, whatever is in it', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({ paper: fc.dictionary(fc.constantFrom(...Object.keys(paper)), fc.jsonValue()) }),
      fc
        .dictionary(fc.constantFrom(...Object.keys(paper)), fc.jsonValue())
        .map((over) => ({ ...entry, paper: { ...paper, ...over } })),
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 8 }), (entries) => {
        const { papers, rejected } = parseDailyPapers(entries, { otherwise: '2026-07-01' });
        const duplicates = entries.length - rejected.length - papers.length;
        expect(duplicates).toBeGreaterThanOrEqual(0);
        for (const record of papers) {
          expect(record.title).not.toBe('');
          expect(record.listedOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
