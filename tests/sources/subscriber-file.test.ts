import { truncate } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type LineRejection,
  readSubscriberFile,
  SubscriberFileError,
  type SubscriberLine,
} from '../../src/sources/subscriber-file.ts';
import { type Folder, openFolder } from '../support/files.ts';

let folder: Folder;
beforeAll(async () => void (folder = await openFolder()));
afterAll(() => folder.remove());

async function readAll(path: string): Promise<(SubscriberLine | LineRejection)[]> {
  const lines = [];
  for await (const line of readSubscriberFile(path)) lines.push(line);
  return lines;
}

const read = async (content: string | Buffer) => readAll(await folder.write('readers', content));

/** Line and address, or line and why not: enough to see what became of each line. */
async function outline(content: string | Buffer): Promise<string[]> {
  const lines = await read(content);
  return lines.map((line) => `${line.line} ${'reason' in line ? line.reason : line.email}`);
}

describe('a file that can’t be read says so before the first line', () => {
  test.each<[string, string | Buffer, string]>([
    ['empty', '', 'is empty'],
    ['only blanks', '  \n\n\t\n', 'is empty'],
    ['only a byte order mark', '\uFEFF', 'is empty'],
    ['binary', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0]), 'is no text'],
    ['UTF-16', Buffer.from('\uFEFFemail\na@x.org\n', 'utf16le'), 'is no text'],
    ['without an email column', 'name,topics\nada,robots\n', 'has no "email" column'],
    ['split by semicolons', 'email;topics\na@x.org;robots\n', 'split by commas'],
    ['without a header', 'a@x.org,robots\n', 'has no "email" column'],
    ['with a header of stray quotes', 'email,"topics\na@x.org,robots\n', 'has no "email" column'],
    ['with a column twice', 'email,topics,Email\na@x.org,robots,b@x.org\n', 'two columns "email"'],
    ['a JSON array', '[{"email":"a@x.org"}]', 'has no "email" column'],
  ])('%s', async (_, content, message) => {
    const reading = read(content);
    await expect(reading).rejects.toThrow(SubscriberFileError);
    await expect(reading).rejects.toThrow(message);
  });

  test('a missing one, a folder, and one of 300 MB', async () => {
    await expect(readAll(`${folder.path}/none.csv`)).rejects.toThrow('is not there');
    await expect(readAll(folder.path)).rejects.toThrow('is not a file');
    const huge = await folder.write('huge.csv', 'email\n');
    await truncate(huge, 300_000_000);
    await expect(readAll(huge)).rejects.toThrow('has 300 MB; at most 256 MiB are read at once. Split it.');
  });
});

describe('CSV', () => {
  test('gives each line with its number and what stands in the columns that are there', async () => {
    expect(
      await read('email,topics,time_zone,send_hour,weekdays,max_papers\na@x.org,robots; llm,UTC,7,1-5,3\n'),
    ).toEqual([
      {
        line: 2,
        email: 'a@x.org',
        topics: ['robots', ' llm'],
        timeZone: 'UTC',
        sendHour: '7',
        weekdays: '1-5',
        maxPapers: '3',
      },
    ]);
    expect(await read('topics,EMAIL , name\nrobots,a@x.org,Ada\n')).toMatchObject([
      { line: 2, email: 'a@x.org', topics: ['robots'], timeZone: undefined, weekdays: undefined },
    ]);
  });

  test('tells an empty cell of days (every day) from a column that is not there', async () => {
    expect(await read('email,weekdays\na@x.org,\nb@x.org\n')).toMatchObject([
      { weekdays: '' },
      { weekdays: undefined },
    ]);
  });

  test('reads byte order mark, CRLF, blank lines and no line end at the end', async () => {
    expect(await outline('\uFEFFemail,topics\r\na@x.org,robots\r\n\r\nb@x.org,llm')).toEqual([
      '2 a@x.org',
      '4 b@x.org',
    ]);
    expect(await outline('email\ra@x.org\rb@x.org\r')).toEqual(['2 a@x.org', '3 b@x.org']);
  });

  test('reads quoted cells with commas, quotes and line breaks, counting the lines of the file', async () => {
    const content =
      'email,topics,name\n"a@x.org","""text to video"";robots","Ada, Countess\nof Lovelace"\nb@x.org,5" disks,\n';
    expect(await read(content)).toMatchObject([
      { line: 2, email: 'a@x.org', topics: ['"text to video"', 'robots'] },
      { line: 4, email: 'b@x.org', topics: ['5" disks'] },
    ]);
  });

  test('loses only the line with a stray quote, whatever comes below', async () => {
    expect(
      await outline('email,topics\na@x.org,"open\nb@x.org,robots\nc@x.org,"two" words\nd@x.org,llm\n'),
    ).toEqual([
      '2 is not valid CSV: inside a quoted cell, a quote is written twice',
      '3 b@x.org',
      '4 is not valid CSV: inside a quoted cell, a quote is written twice',
      '5 d@x.org',
    ]);
    const many = Array.from({ length: 300 }, (_, n) => `r${n}@x.org,robots`).join('\n');
    const read = await outline(`email,topics\na@x.org,"open\n${many}\n`);
    expect(read).toHaveLength(301);
    expect(read[0]).toBe('2 opens a quote that is never closed');
    expect(read.slice(1)).toEqual(Array.from({ length: 300 }, (_, n) => `${n + 3} r${n}@x.org`));
  });

  test('rejects a line with more cells than columns, because a topic would be lost', async () => {
    expect(await outline('email,topics\na@x.org,robots,llm\nb@x.org,robots,,\n')).toEqual([
      '2 has 3 cells for 2 columns: split topics by ; or quote a cell with commas',
      '3 b@x.org',
    ]);
  });

  test('rejects a line that is too long, or no UTF-8, and goes on', async () => {
    const long = 'x'.repeat(3_000_000);
    const latin = Buffer.from('email,topics\na@x.org,G\u00f6del\n', 'latin1');
    expect(await outline(`email,topics\na@x.org,${long}\nb@x.org,robots\n`)).toEqual([
      '2 the line is too long',
      '3 b@x.org',
    ]);
    expect(await outline(latin)).toEqual(['2 is not UTF-8 text']);
    expect(await outline(`email,topics\n${'a@x.org,robots\n'.repeat(300)}b@x.org,\0\n`)).toContain(
      '302 is not UTF-8 text',
    );
  });
});

describe('JSON lines', () => {
  test('are read by name; a number will do where a text would', async () => {
    expect(
      await read(
        '{"email":"a@x.org","topics":["robots","a; b"],"send_hour":7,"weekdays":"1-5","max_papers":"3"}\n',
      ),
    ).toMatchObject([
      {
        line: 1,
        topics: ['robots', 'a; b'],
        sendHour: '7',
        weekdays: '1-5',
        maxPapers: '3',
        timeZone: undefined,
      },
    ]);
    expect(
      await read('{"email":"a@x.org","topics":"robots;llm","time_zone":null,"extra":{"a":[1]}}'),
    ).toMatchObject([{ topics: ['robots', 'llm'], timeZone: undefined }]);
    expect(await read('{"email":"a@x.org","topics":[]}')).toMatchObject([{ topics: [] }]);
  });

  test('of the wrong shape are rejected one by one, by line', async () => {
    const lines = [
      '{"email":"a@x.org"}',
      '',
      'not json',
      '{"email":"b@x.org"',
      '["c@x.org"]',
      'null',
      '{"email":{"a":1}}',
      '{"email":true}',
      '{"email":"d@x.org","topics":[1,2]}',
      '{"email":"d@x.org","topics":{"0":"robots"}}',
      '{"email":"d@x.org","topics":7}',
      '{"email":"d@x.org","send_hour":[7]}',
      `{"email":"d@x.org","topics":["${'x'.repeat(70_000)}"]}`,
      '{"email":"e@x.org","topics":["line\u2028separator"],"__proto__":{"email":"f@x.org"}}',
    ];
    expect(await outline(`\uFEFF${lines.join('\r\n')}`)).toEqual([
      '1 a@x.org',
      '3 is not JSON',
      '4 is not JSON',
      '5 is not a JSON object',
      '6 is not a JSON object',
      '7 email must be a text or a number',
      '8 email must be a text or a number',
      '9 topics must be a list of texts, or one text split by ;',
      '10 topics must be a list of texts, or one text split by ;',
      '11 topics must be a list of texts, or one text split by ;',
      '12 send_hour must be a text or a number',
      '13 the line is too long',
      '14 e@x.org',
    ]);
  });
});

test('whatever cells are written as RFC 4180 says are read back, each with its line', async () => {
  const cell = fc.string({
    unit: fc.oneof(
      fc.constantFrom(',', '"', '\n', ' ', ';', '\u2028'),
      fc.string({ minLength: 1, maxLength: 3 }),
    ),
    maxLength: 8,
  });
  const rows = fc.array(fc.record({ email: fc.emailAddress(), topics: cell }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n'), async (given, ending) => {
      let line = 2;
      const expected = given.map(({ email, topics }) => {
        const at = line;
        line += 1 + topics.split('\n').length - 1;
        return { line: at, email, topics: topics.trim() === '' ? undefined : topics.trim().split(';') };
      });
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const body = given.map(({ email, topics }) => `${quoted(email)} , ${quoted(topics)}${ending}`).join('');
      expect(await read(`email,topics${ending}${body}`)).toMatchObject(expected);
    }),
  );
});

test('no bytes at all make it do anything but give lines, reject lines or refuse the file', async () => {
  const parts = [
    'email',
    ',',
    '"',
    '\n',
    '\r',
    '{',
    '}',
    'a@x.org',
    '\0',
    '\uFEFF',
    ';',
    ' ',
    '\uD800',
    '[',
    ':',
  ];
  const anyText = fc.array(fc.constantFrom(...parts), { maxLength: 40 }).map((some) => some.join(''));
  await fc.assert(
    fc.asyncProperty(fc.boolean(), anyText, async (withHeader, text) => {
      const outcome = await read((withHeader ? 'email,topics\n' : '') + text).catch(
        (error: unknown) => error,
      );
      expect(Array.isArray(outcome) || outcome instanceof SubscriberFileError).toBe(true);
    }),
    { numRuns: 300 },
  );
});
