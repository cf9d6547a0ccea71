/** Suppressions from a file, in chunks of one statement each. A crash half-way leaves whole chunks; running it again continues. */
import type { Context } from '../context.ts';
import type { SuppressionReason } from '../db/tables/outcomes.ts';
import { findSuppressed, suppressAll } from '../db/suppressions.ts';
import { addressHash, normaliseAddress } from '../domain/address.ts';
import { shown } from '../domain/shown.ts';
import { type LineRejection, readSubscriberFile } from '../sources/subscriber-file.ts';

export interface ImportedSuppressions {
  added: number;
  /** Suppressed before, or named twice. */
  known: number;
  rejected: LineRejection[];
}

const chunkRowsMax = 1000;

/** Suppresses every address of a file of subscribers, other columns aside. What is suppressed already keeps its reason. */
export async function importSuppressions(
  ctx: Context,
  path: string,
  reason: SuppressionReason,
): Promise<ImportedSuppressions> {
  const imported: ImportedSuppressions = { added: 0, known: 0, rejected: [] };
  let chunk: Buffer[] = [];
  const flush = async () => {
    const added = await addChunk(ctx, chunk, reason);
    imported.added += added;
    imported.known += chunk.length - added;
    chunk = [];
  };
  for await (const line of readSubscriberFile(path)) {
    const address = 'reason' in line ? undefined : normaliseAddress(line.email ?? '');
    if ('reason' in line) imported.rejected.push({ line: line.line, reason: line.reason });
    else if (!address) imported.rejected.push({ line: line.line, reason: fault(line.email) });
    else chunk.push(addressHash(ctx.config.suppressionKey, address));
    if (chunk.length >= chunkRowsMax) await flush();
  }
  await flush();
  return imported;
}

async function addChunk(ctx: Context, hashes: readonly Buffer[], reason: SuppressionReason): Promise<number> {
  const known = await findSuppressed(ctx.db, hashes);
  const fresh = new Set(hashes.map((hash) => hash.toString('hex')).filter((hex) => !known.has(hex)));
  await suppressAll(
    ctx.db,
    hashes.map((hash) => ({ addressHash: hash, reason, origin: 'import' })),
  );
  return fresh.size;
}

function fault(email: string | undefined): string {
  return email ? `"${shown(email, 80)}" is not an address` : 'has no email';
}
