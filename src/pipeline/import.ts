/**
 * Import: subscribers from a file, in chunks of one transaction each. A crash half-way leaves whole chunks; running the
 * same file again continues, since a known address is updated with the same values.
 */
import type { Context } from '../context.ts';
import { type ImportRow, readWaitingTopics, upsertSubscribers } from '../db/subscriber-import.ts';
import { ensureTopics } from '../db/topics.ts';
import { addressHash, normaliseAddress } from '../domain/address.ts';
import { everyDay } from '../domain/cadence.ts';
import { checkChoices } from '../domain/choices.ts';
import { shown } from '../domain/shown.ts';
import { parseWeekdays } from '../domain/weekdays.ts';
import { type LineRejection, readSubscriberFile, type SubscriberLine } from '../sources/subscriber-file.ts';
import { sendNotice } from './notice.ts';

export interface Imported {
  added: number;
  updated: number;
  suppressed: number;
  rejected: LineRejection[];
}

const chunkRowsMax = 1000;
/** What a subscriber has who never said otherwise. */
const usual = { timeZone: 'UTC', sendHour: 7, weekdays: everyDay, maxPapers: 7 };

/** Adds and updates the subscribers of a file. Nobody who is suppressed or has left is brought back. */
export async function importSubscribers(
  ctx: Context,
  path: string,
  options: { confirmed: boolean },
): Promise<Imported> {
  const imported: Imported = { added: 0, updated: 0, suppressed: 0, rejected: [] };
  let chunk = new Map<string, CheckedRow>();
  const flush = async () => {
    await importChunk(ctx, [...chunk.values()], options.confirmed, imported);
    chunk = new Map();
  };
  for await (const line of readSubscriberFile(path)) {
    const row = 'reason' in line ? line : check(ctx, line);
    if ('reason' in row) {
      imported.rejected.push({ line: row.line, reason: row.reason });
      continue;
    }
    // An address that comes twice is taken in the order of the file.
    if (chunk.has(row.address) || chunk.size >= chunkRowsMax) await flush();
    chunk.set(row.address, row);
  }
  await flush();
  imported.rejected.sort((a, b) => a.line - b.line);
  return imported;
}

type CheckedRow = ImportRow & { line: number };

async function importChunk(
  ctx: Context,
  checked: CheckedRow[],
  confirmed: boolean,
  imported: Imported,
): Promise<void> {
  if (checked.length === 0) return;
  // Whom the operator confirms gets the topics that they asked for in the form, unless the file says others.
  const addresses = checked.map(({ address }) => address);
  const waiting = confirmed ? await readWaitingTopics(ctx.db, addresses) : new Map<string, string[]>();
  const asked = checked.map((row) => ({ ...row, topics: row.topics ?? waiting.get(row.address) }));
  const topicIds = await ensureTopics(
    ctx.db,
    asked.flatMap((row) => row.topics ?? []),
  );
  const rows: CheckedRow[] = [];
  for (const row of asked) {
    // The database has the last word on what can be looked for.
    const lost = row.topics?.find((topic) => !topicIds.has(topic));
    if (lost === undefined) rows.push(row);
    else {
      const reason = `The topic "${shown(lost)}" matches nothing we can look for.`;
      imported.rejected.push({ line: row.line, reason });
    }
  }
  const result = await ctx.db
    .transaction()
    .execute((trx) => upsertSubscribers(trx, rows, { confirmed, topicIds, usual, now: ctx.now() }));
  imported.added += result.added;
  imported.updated += result.updated;
  imported.suppressed += result.suppressed;
  if (confirmed) return;
  for (const { id, address } of result.unconfirmed) {
    await sendNotice(ctx, { subscriberId: id, kind: 'confirm', cause: 'imported', address });
  }
}

function check(ctx: Context, line: SubscriberLine): CheckedRow | LineRejection {
  const reject = (reason: string) => ({ line: line.line, reason });
  if (!line.email) return reject('has no email');
  const address = normaliseAddress(line.email);
  if (!address) return reject(`"${shown(line.email, 80)}" is not an address that mail can go to`);
  const weekdays = line.weekdays === undefined ? undefined : parseWeekdays(line.weekdays);
  if (line.weekdays !== undefined && weekdays === undefined) {
    return reject(`weekdays "${shown(line.weekdays)}" must be like 1-5 or 1,3,5 (1 is Monday), or empty`);
  }
  const topics = line.topics?.map((topic) => topic.trim()).filter((topic) => topic !== '');
  const row = {
    address,
    addressHash: addressHash(ctx.config.suppressionKey, address),
    topics,
    timeZone: line.timeZone,
    sendHour: wholeOf(line.sendHour),
    weekdays,
    maxPapers: wholeOf(line.maxPapers),
  };
  const given = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
  const faults = checkChoices({ ...usual, topics: [], ...given });
  if (faults.length > 0) return reject(faults.join(' '));
  return { ...row, line: line.line };
}

/** The whole number a cell holds; NaN (which no check accepts) when it holds something else. */
function wholeOf(cell: string | undefined): number | undefined {
  if (cell === undefined) return undefined;
  return /^\d{1,6}$/.test(cell) ? Number(cell) : Number.NaN;
}
