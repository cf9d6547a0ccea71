import type { Context } from '../context.ts';
import { findLifts, noteLifted } from '../db/lifts.ts';
import { recordAction } from '../db/operator-actions.ts';
import { findByAddress } from '../db/subscribers.ts';
import { liftSuppression, listSuppressions } from '../db/suppression-list.ts';
import { readSuppression, suppress } from '../db/suppressions.ts';
import { addressHash, normaliseAddress } from '../domain/address.ts';
import { clearTheWay } from '../pipeline/provider-list.ts';
import { type Command, exitCodes, UsageError } from './command.ts';

export const suppressionsList: Command = {
  usage: 'suppressions list',
  does: 'which addresses get no mail, as keyed hashes, and why',
  words: { least: 0, most: 0 },
  async run({ withContext, print }) {
    const suppressions = await withContext((ctx) => listSuppressions(ctx.db));
    print({ suppressions }, () =>
      suppressions.length === 0
        ? ['No address is suppressed.']
        : suppressions.map(
            ({ hash, reason, origin, at }) => `${at}  ${hash.slice(0, 16)}…  ${reason}  (${origin})`,
          ),
    );
  },
};

export const suppressionsAdd: Command = {
  usage: 'suppressions add ADDRESS',
  does: 'lets an address get no more mail',
  words: { least: 1, most: 1 },
  async run({ words, withContext, print }) {
    const address = readAddress(words[0]!);
    const { added, hash } = await withContext(async (ctx) => {
      const key = addressHash(ctx.config.suppressionKey, address);
      const before = await readSuppression(ctx.db, key);
      await suppress(ctx.db, { addressHash: key, reason: 'manual', origin: 'operator' });
      if (!before) await note(ctx, 'suppressed', address);
      return { added: before === undefined, hash: key.toString('hex') };
    });
    print({ added, hash }, () => [added ? 'Suppressed: no mail goes there.' : 'It was suppressed already.']);
  },
};

export const suppressionsRemove: Command = {
  usage: 'suppressions remove ADDRESS',
  does: 'lets an address get mail again, unless its reader complained or was erased',
  words: { least: 1, most: 1 },
  async run({ words, withContext, print }) {
    const address = readAddress(words[0]!);
    const { outcome, there } = await withContext((ctx) => lift(ctx, address));
    const kept = typeof outcome === 'object' ? outcome.kept : undefined;
    print({ removed: outcome === 'lifted', ...(kept && { kept }) }, () => [
      outcome === 'lifted' ? removedWords[there] : 'It stays as it is.',
    ]);
    if (outcome === 'lifted') return exitCodes.done;
    process.stderr.write(
      kept
        ? `This suppression is the reader's own (${kept}): only they can undo it, by subscribing again.\n`
        : `The address is not suppressed.\n`,
    );
    return exitCodes.failed;
  },
};

/** By what became of the address on Resend's own list; a mail server has none, and the mailbox is ours. */
const removedWords = {
  nowhere: 'Removed: mail goes there again.',
  lifted: 'Removed, from Resend’s own list as well.',
  silent: 'Removed here. Resend’s own list did not answer; it is asked again every minute.',
} as const;

/** Off our own list first, then off the provider's; where that does not answer, the sweep goes on asking. */
async function lift(ctx: Context, address: string) {
  const outcome = await ctx.db.transaction().execute(async (trx) => {
    const lifted = await liftSuppression(trx, addressHash(ctx.config.suppressionKey, address));
    if (lifted === 'lifted') await noteLifted(trx, [address], ctx.transport.identity);
    return lifted;
  });
  if (outcome !== 'lifted') return { outcome, there: 'nowhere' as const };
  await note(ctx, 'released', address);
  await clearTheWay(ctx, address);
  if (ctx.config.transport !== 'resend') return { outcome, there: 'nowhere' as const };
  const isDone = (await findLifts(ctx.db, [address])).size === 0;
  return { outcome, there: isDone ? ('lifted' as const) : ('silent' as const) };
}

/** The operators' log names the reader by number, or not at all. */
async function note(ctx: Context, action: string, address: string): Promise<void> {
  const subscriberId = (await findByAddress(ctx.db, address))?.id;
  await recordAction(ctx.db, { operator: 'command line', action, subscriberId });
}

function readAddress(text: string): string {
  const address = normaliseAddress(text);
  if (!address) throw new UsageError(`"${text}" is no address; write it like ada@example.org.`);
  return address;
}
