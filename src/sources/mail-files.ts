import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One mail as it stands in a file, or why it can't be read. */
export type FiledMail = { name: string; bytes: Buffer } | { name: string; reason: string };

/** A report returns headers, at most the whole of a digest. */
export const mailBytesMax = 2 * 1024 * 1024;
const depthMax = 4;
const boundary = Buffer.from('From ');

/** The path is no file and no folder of files: the message says which and what to do. */
export class MailFileError extends Error {
  override name = 'MailFileError';
}

/**
 * Every mail under a path: one in a file, many in an mbox, or a folder of both, as a Maildir is one. In the order of
 * their names.
 */
export async function* readMailFiles(path: string): AsyncGenerator<FiledMail> {
  const facts = await stat(path).catch(() => undefined);
  if (!facts) throw new MailFileError(`${path} is not there, or may not be read.`);
  if (facts.isDirectory()) yield* readFolder(path, 0);
  // An mbox that somebody has just emptied holds no mail, and nothing is wrong with it.
  else if (facts.isFile() && facts.size === 0) return;
  else if (facts.isFile()) yield* readFile(path);
  else throw new MailFileError(`${path} is neither a file nor a folder.`);
}

/** Names with a dot in front are other programs' notes, and `tmp` holds what is still being written. */
async function* readFolder(folder: string, depth: number): AsyncGenerator<FiledMail> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.') && name !== 'tmp');
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    const facts = await stat(path).catch(() => undefined);
    if (facts?.isFile()) yield* readFile(path);
    else if (facts?.isDirectory() && depth < depthMax) yield* readFolder(path, depth + 1);
  }
}

async function* readFile(path: string): AsyncGenerator<FiledMail> {
  try {
    const head = await readHead(path);
    if (head.equals(boundary)) yield* readMbox(path);
    else yield* readWhole(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    yield { name: path, reason: `cannot be read (${code ?? message})` };
  }
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(boundary.length), 0, boundary.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function* readWhole(path: string): AsyncGenerator<FiledMail> {
  const collect = collectMail();
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    collect.add(chunk);
    if (collect.isTooLong()) break;
  }
  yield collect.end(path);
}

/**
 * A line that begins with "From " after an empty one begins the next mail (RFC 4155). Lines that were quoted for that
 * stay quoted: nothing that we read begins so.
 */
async function* readMbox(path: string): AsyncGenerator<FiledMail> {
  let [collect, place, isAfterEmpty] = [collectMail(), 0, true];
  for await (const line of readLines(path)) {
    if (isAfterEmpty && line.subarray(0, boundary.length).equals(boundary)) {
      if (place > 0) yield collect.end(`${path}, mail ${place}`);
      [collect, place] = [collectMail(), place + 1];
    } else collect.add(line);
    isAfterEmpty = line.length <= 2 && line.toString('latin1').trim() === '';
  }
  yield collect.end(`${path}, mail ${place}`);
}

/** Lines with their endings. One longer than a mail may be comes in pieces. */
async function* readLines(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, from)) {
      yield rest.subarray(from, end + 1);
      from = end + 1;
    }
    rest = rest.subarray(from);
    if (rest.length <= mailBytesMax) continue;
    yield rest;
    rest = Buffer.alloc(0);
  }
  if (rest.length > 0) yield rest;
}

/** Gathers one mail, and stops keeping it where it grows too long. */
function collectMail() {
  let [chunks, bytes] = [[] as Buffer[], 0];
  const isTooLong = () => bytes > mailBytesMax;
  return {
    isTooLong,
    add(chunk: Buffer) {
      bytes += chunk.length;
      if (isTooLong()) chunks = [];
      else chunks.push(chunk);
    },
    end(name: string): FiledMail {
      if (isTooLong()) return { name, reason: `is larger than ${mailBytesMax / 1024 / 1024} MiB` };
      return { name, bytes: Buffer.concat(chunks) };
    },
  };
}
