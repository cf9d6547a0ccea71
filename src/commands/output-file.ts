import { writeFile } from 'node:fs/promises';
import { Failed } from './command.ts';

const writeFaults: Record<string, string> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  EISDIR: 'it is a directory; name a file in it',
  EACCES: 'this account may not write there',
  EROFS: 'nothing can be written on that disk',
  ENOSPC: 'the disk is full',
};

/** Writes what an option asked for into a file, over what was there. Throws Failed with a sentence where it cannot. */
export async function writeOutput(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failed(`${path} could not be written: ${writeFaults[code ?? ''] ?? message}.`, {
      cause: error,
    });
  }
}
