import { open } from 'node:fs/promises';

import { SourceError } from './source.ts';

export const fileBytesMax = 64 * 1024 * 1024;

/**
 * A file as text, never more of it than `fileBytesMax`; throws SourceError when it cannot be read or is no text.
 * Its size is counted while reading, so a pipe or a device is bounded like any other.
 */
export async function readText(path: string): Promise<string> {
  return decodeText(path, await readBounded(path));
}

export function malformed(path: string, what: string, cause?: unknown): SourceError {
  return new SourceError('malformed', `${path} ${what}.`, { cause });
}

export const expected =
  'expected Hugging Face daily_papers JSON, arXiv Atom, RSS or OAI XML, or paper JSON lines (one {"id":…,"title":…} a line)';

async function readBounded(path: string): Promise<Buffer> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    throw malformed(
      path,
      openFaults[error.code ?? ''] ?? `cannot be opened (${error.code ?? error.message})`,
      error,
    );
  });
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw malformed(path, 'is a directory; name one file in it');
    const chunks: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(readChunkBytes),
        0,
        readChunkBytes,
        null,
      );
      if (bytesRead === 0) break;
      bytes += bytesRead;
      if (bytes > fileBytesMax)
        throw malformed(
          path,
          `is larger than ${fileBytesMax / 1024 / 1024} MB, the most that is read at once; split it`,
        );
      chunks.push(buffer.subarray(0, bytesRead));
    }
    return Buffer.concat(chunks, bytes);
  } finally {
    await file.close();
  }
}

const readChunkBytes = 1024 * 1024;

const openFaults: Record<string, string> = {
  ENOENT: 'does not exist; check the path',
  ENOTDIR: 'does not exist; check the path',
  EACCES: 'may not be read by this account; check its permissions',
  EISDIR: 'is a directory; name one file in it',
  ENAMETOOLONG: 'has too long a name',
};

function decodeText(path: string, bytes: Buffer): string {
  const magic = magics.find(([signature]) => bytes.subarray(0, signature.length).equals(signature));
  if (magic) throw malformed(path, `is ${magic[1]}; ${expected}`);
  if (bytes.subarray(0, 8192).includes(0))
    throw malformed(path, `is not text (it holds NUL bytes); ${expected}`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformed(path, 'is not UTF-8 text; convert it to UTF-8 first', error);
  }
}

const magics: readonly (readonly [Buffer, string])[] = [
  [Buffer.from([0x89, 0x50, 0x4e, 0x47]), 'a PNG picture'],
  [Buffer.from([0xff, 0xd8, 0xff]), 'a JPEG picture'],
  [Buffer.from('%PDF-'), 'a PDF'],
  [Buffer.from([0x1f, 0x8b]), 'compressed with gzip: unpack it first'],
  [Buffer.from('PK\u0003\u0004'), 'a ZIP archive: unpack it first'],
  [Buffer.from([0xff, 0xfe]), 'UTF-16 text: convert it to UTF-8 first'],
  [Buffer.from([0xfe, 0xff]), 'UTF-16 text: convert it to UTF-8 first'],
];
