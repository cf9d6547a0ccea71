import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Check, fail, ok, reasonOf, warn } from './check.ts';

const mebibyte = 1024 * 1024;
/** An edition of a million digests takes some 600 MB while it runs. */
const freeWarnMib = 2_048;
const freeFailMib = 200;

/** Room where the data folder is, or will be. Postgres fails hard on a full disk. */
export async function examineDisk(dataDir: string): Promise<Check> {
  let folder = dataDir;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    const { bavail, bsize } = await statfs(folder);
    const freeMib = Math.floor((bavail * bsize) / mebibyte);
    const says = `${(freeMib / 1024).toFixed(1)} GiB free for ${dataDir}`;
    if (freeMib < freeFailMib) return fail('disk', `${says}. Make room: a full disk stops everything.`);
    return freeMib < freeWarnMib ? warn('disk', `${says}, which is little.`) : ok('disk', says);
  } catch (error) {
    return warn('disk', `The free space of ${dataDir} could not be read (${reasonOf(error)}).`);
  }
}
