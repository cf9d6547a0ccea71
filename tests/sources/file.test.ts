import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readPaperFile } from '../../src/sources/file.ts';
import { fileBytesMax } from '../../src/sources/file-text.ts';

const today = '2026-11-20';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'broadsheet-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: string | Buffer, options: { name?: string; date?: string } = {}) {
  const path = join(folder, options.name ?? 'papers.jsonl');
  await writeFile(path, content);
  return readPaperFile(path, { date: options.date, today });
}
const line = (over: object = {}) => JSON.stringify({ id: '2607.00001', title: 'A title', ...over });

describe('paper lines', () => {
  test('give every fact they may tell', async () => {
    const { papers, source } = await read(
      line({
        id: 'arXiv:2607.00001v2',
        abstract: 'Long.',
        summary: 'Short.',
        authors: ['Ada', { name: 'Grace' }],
        categories: ['cs.LG', 'cs.CV'],
        organization: 'ETH',
        published_at: '2026-06-30',
        listed_on: '2026-07-01',
        upvotes: 4,
        comments: 1,
        url: 'https://example.org/paper',
        pdf_url: 'https://example.org/paper.pdf',
        code_url: 'https://github.com/a/b',
        thumbnail_url: 'https://cdn-thumbnails.huggingface.co/x.png',
      }),
    );
    expect(source).toBe('file');
    expect(papers).toEqual([
      {
        key: 'arxiv:2607.00001',
        version: 2,
        title: 'A title',
        abstract: 'Long.',
        summary: 'Short.',
        authors: ['Ada', 'Grace'],
        authorsCount: 2,
        categories: ['cs.LG', 'cs.CV'],
        organization: 'ETH',
        publishedAt: new Date('2026-06-30T00:00:00Z'),
        listedOn: '2026-07-01',
        votes: 4,
        comments: 1,
        url: 'https://example.org/paper',
        pdfUrl: 'https://example.org/paper.pdf',
        codeUrl: 'https://github.com/a/b',
        thumbnailUrl: 'https://cdn-thumbnails.huggingface.co/x.png',
      },
    ]);
  });

  test.each([
    ['2607.00001', 'arxiv:2607.00001', 'https://arxiv.org/abs/2607.00001'],
    ['https://arxiv.org/abs/2607.00001v1', 'arxiv:2607.00001', 'https://arxiv.org/abs/2607.00001'],
    ['doi:10.1000/xyz', 'doi:10.1000/xyz', 'https://doi.org/10.1000/xyz'],
    ['url:https://example.org/a', 'url:https://example.org/a', 'https://example.org/a'],
    ['my-paper_1', 'my-paper_1', 'https://arxiv.org/search/?searchtype=title&query=A%20title'],
  ])('with the identifier %s have a key and a page to read', async (id, key, url) => {
    for (const given of [line({ id }), line({ id: undefined, key: id })]) {
      expect((await read(given)).papers[0]).toMatchObject({ key, url });
    }
  });

  test('may also come as one array, with Windows line ends, or with a byte order mark', async () => {
    expect((await read(`[${line()},${line({ id: '2607.00002' })}]`)).papers).toHaveLength(2);
    expect((await read(`${line()}\r\n\r\n${line({ id: '2607.00002' })}\r\n`)).papers).toHaveLength(2);
    expect((await read(`\uFEFF${line()}`)).papers).toHaveLength(1);
  });

  test('belong to the day they say, else to the one given, else to that of the file name, else to today', async () => {
    const both = `${line({ listed_on: '2026-06-30' })}\n${line({ id: '2607.00002' })}`;
    expect((await read(both, { date: '2026-07-05', name: '2026-07-04.jsonl' })).days).toEqual([
      '2026-06-30',
      '2026-07-05',
    ]);
    expect((await read(both, { name: 'list-2026-07-04.jsonl' })).days).toEqual(['2026-06-30', '2026-07-04']);
    expect((await read(both)).days).toEqual(['2026-06-30', today]);
  });

  test('that are bad are rejected by index, and the others go in', async () => {
    const { papers, rejected } = await read(
      [
        line(),
        'nonsense',
        '[]',
        line({ id: undefined }),
        line({ id: 'with space' }),
        line({ id: 'two\nlines' }),
        line({ title: '' }),
        line({ listed_on: '99999-01-01' }),
        line({ listed_on: '2026-02-30' }),
        '{"__proto__": {"id": "2607.00009", "title": "T"}}',
        line({ id: '2607.00003', __proto__: null }),
      ].join('\n'),
    );
    expect(papers.map(({ key }) => key)).toEqual(['arxiv:2607.00001', 'arxiv:2607.00003']);
    expect(rejected.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const { reason } of rejected) expect(reason).toMatch(/^[^\p{C}]{5,200}$/u);
  });

  test('with senseless extras keep what makes sense', async () => {
    const { papers } = await read(
      line({
        authors: 'Ada',
        upvotes: -3,
        comments: '7',
        published_at: '99999-01-01',
        url: 'http://x',
        categories: {},
      }),
    );
    expect(papers[0]).toEqual({
      key: 'arxiv:2607.00001',
      title: 'A title',
      listedOn: today,
      comments: 7,
      url: 'https://arxiv.org/abs/2607.00001',
      pdfUrl: 'https://arxiv.org/pdf/2607.00001',
    });
  });

  test('about one paper on one day are one record, which keeps what the first one said', async () => {
    const { papers } = await read(`${line({ upvotes: 1 })}\n${line({ upvotes: 2, comments: 3 })}`);
    expect(papers).toHaveLength(1);
    expect(papers[0]).toMatchObject({ votes: 1, comments: 3 });
  });
});

describe("Hugging Face's format", () => {
  const entry = (id: string) => ({ paper: { id, title: 'T' }, publishedAt: '2024-05-27T03:50:58.348Z' });

  test('is told by its content, as an array or in lines', async () => {
    const options = { name: 'x-2024-05-28.json' };
    for (const content of [JSON.stringify([entry('2405.00001')]), JSON.stringify(entry('2405.00001'))]) {
      expect(await read(content, options)).toMatchObject({
        source: 'huggingface',
        days: ['2024-05-28'],
        rejected: [],
      });
    }
  });

  test('with nothing in it is the empty list of its day', async () => {
    expect(await read('[]', { date: '2026-07-04' })).toEqual({
      papers: [],
      rejected: [],
      source: 'huggingface',
      days: ['2026-07-04'],
    });
  });
});

describe('a file that is none', () => {
  test.each([
    ['empty', '', 'is empty'],
    ['blank', ' \n\t ', 'is empty'],
    ['prose', 'Dear reader,', 'starts with "D"'],
    ['a number', '42', 'starts with "4"'],
    ['a broken array', '[{"id":"2607.00001","title":"A"},{"id"', 'is not complete JSON'],
    ['a broken object', '{"id":\n"2607.00001",', 'no line of it is JSON'],
    ['a list of strings', '["{\'paper\': 1}"]', 'Python text'],
    ['a list of numbers', '[1,2,3]', 'the first is a number'],
    ['another object', '{"error":"not found"}', 'one JSON object with "error"'],
    [
      'an answer of the search',
      '[{"paper":{"id":"2607.00001","title":"T"},"highlightedTitle":"T"}]',
      'search API',
    ],
    ['HTML', '<!doctype html><p>Not found', 'is an HTML page'],
    ['XML of others', '<?xml version="1.0"?><svg/>', 'begins with <svg>'],
    ["somebody's empty feed", '<?xml version="1.0"?><feed/>', "none of arXiv's"],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0]), 'gzip'],
    ['UTF-16', Buffer.from('\uFEFF[]', 'utf16le'), 'UTF-16'],
    ['Latin-1', Buffer.from('{"id":"2607.00001","title":"caf\xe9"}', 'latin1'), 'not UTF-8'],
    ['binary', Buffer.from('[]\0\0'), 'NUL bytes'],
  ])('because it is %s is refused with its path and a reason', async (_, content, reason) => {
    await expect(read(content)).rejects.toThrow(reason);
    await expect(read(content)).rejects.toThrow(join(folder, 'papers.jsonl'));
  });

  test('because it is a directory, or is not there, is refused', async () => {
    await mkdir(join(folder, 'sub'), { recursive: true });
    await expect(readPaperFile(join(folder, 'sub'), { today })).rejects.toThrow('is a directory');
    await expect(readPaperFile(join(folder, 'none.json'), { today })).rejects.toThrow('does not exist');
    await expect(readPaperFile('nul\0byte', { today })).rejects.toThrow('cannot be opened');
  });

  test('because it is too large is refused without being kept in memory', async () => {
    const path = join(folder, 'large.jsonl');
    await writeFile(path, Buffer.alloc(fileBytesMax + 1, 0x20));
    await expect(readPaperFile(path, { today })).rejects.toThrow('is larger than 64 MB');
  });
});
