import type { Context } from '../context.ts';
import { recordAction } from '../db/operator-actions.ts';
import { findByAddress } from '../db/subscribers.ts';
import { syncCuratedTopics } from '../db/topics.ts';
import { normaliseAddress } from '../domain/address.ts';
import { eraseSubscriber } from '../pipeline/erase.ts';
import { importSubscribers } from '../pipeline/import.ts';
import { exportSubscriber, showSubscriber } from '../pipeline/subscriber-record.ts';
import { type Command, Failed } from './command.ts';

export const subscribersImport: Command = {
  usage: 'subscribers import FILE [--confirmed]',
  does: 'adds and updates readers from CSV or JSON lines: email,topics,time_zone,send_hour,weekdays,max_papers; weekdays like 1-5 or 2,4,7 (1 is Monday), empty for all',
  options: { confirmed: { type: 'boolean' } },
  words: { least: 1, most: 1 },
  async run({ words, options, withContext, print }) {
    const result = await withContext(async (ctx) => {
      await syncCuratedTopics(ctx.db);
      return importSubscribers(ctx, words[0]!, { confirmed: options['confirmed'] === true });
    });
    print(result, () => [
      `${result.added} added, ${result.updated} updated, ${result.suppressed} suppressed and left alone, ${result.rejected.length} rejected`,
      ...result.rejected.slice(0, 20).map(({ line, reason }) => `rejected: line ${line}, ${reason}`),
      ...(result.rejected.length > 20 ? [`and ${result.rejected.length - 20} more rejected`] : []),
    ]);
  },
};

export const subscribersShow: Command = {
  usage: 'subscribers show ADDRESS',
  does: "one reader's status and timeline",
  words: { least: 1, most: 1 },
  async run({ words, withContext, print }) {
    const record = await withContext((ctx) => showSubscriber(ctx, words[0]!));
    if (!record) throw notKnown(words[0]!);
    print(record, () => [
      `${record.email}  ${record.status}${record.suppressed ? ', suppressed' : ''}`,
      `topics  ${record.topics.join(', ') || 'none: gets what is trending'}`,
      `next    ${record.next_due_at ?? 'none'}`,
      ...record.timeline.map(({ at, event, ...details }) => `${at}  ${event}  ${inWords(details)}`.trimEnd()),
    ]);
  },
};

export const subscribersExport: Command = {
  usage: 'subscribers export ADDRESS',
  does: 'everything we hold of one reader, as JSON',
  words: { least: 1, most: 1 },
  async run({ words, withContext, print }) {
    const record = await withContext((ctx) => exportSubscriber(ctx, words[0]!));
    if (!record) throw notKnown(words[0]!);
    print(record, () => [JSON.stringify(record, null, 2)]);
  },
};

export const subscribersErase: Command = {
  usage: 'subscribers erase ADDRESS',
  does: 'erases one reader for good; a keyed hash stays, so that no import brings them back',
  words: { least: 1, most: 1 },
  async run({ words, withContext, print }) {
    const erased = await withContext((ctx) => erase(ctx, words[0]!));
    if (!erased) throw notKnown(words[0]!);
    print({ erased: true }, () => [
      'Erased. A keyed hash of the address stays, so that no import brings it back.',
    ]);
  },
};

/** Written down before it is tried, as on the operators' pages. */
async function erase(ctx: Context, given: string): Promise<boolean> {
  const address = normaliseAddress(given);
  const subscriber = address && (await findByAddress(ctx.db, address));
  if (!subscriber) return false;
  const action = 'asked to erase';
  await recordAction(ctx.db, { operator: 'command line', action, subscriberId: subscriber.id });
  return eraseSubscriber(ctx, given);
}

function notKnown(address: string): Failed {
  return new Failed(`No subscriber has the address ${address}.`);
}

function inWords(details: object): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}
