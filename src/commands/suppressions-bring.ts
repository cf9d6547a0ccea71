import type { Context } from '../context.ts';
import { recordAction } from '../db/operator-actions.ts';
import type { SuppressionReason } from '../db/tables/outcomes.ts';
import { importSuppressions } from '../pipeline/import-suppressions.ts';
import { syncList } from '../pipeline/list-sync.ts';
import { type Command, Failed, UsageError } from './command.ts';

const reasons: readonly SuppressionReason[] = ['manual', 'hard_bounce', 'complaint'];
const rejectedShownMax = 20;

export const suppressionsImport: Command = {
  usage: `suppressions import FILE [--reason ${reasons.join('|')}]`,
  does: 'suppresses the addresses of a file: CSV with a column "email", or JSON lines',
  options: { reason: { type: 'string' } },
  words: { least: 1, most: 1 },
  async run({ words, options, withContext, print }) {
    const reason = readReason(options['reason']);
    const result = await withContext(async (ctx) => {
      const imported = await importSuppressions(ctx, words[0]!, reason);
      await note(ctx, `imported ${imported.added} suppressions`);
      return imported;
    });
    const { added, known, rejected } = result;
    print(result, () => [
      `${added} suppressed, ${known} were so already`,
      ...rejected.slice(0, rejectedShownMax).map(({ line, reason: why }) => `rejected: line ${line}, ${why}`),
      ...(rejected.length > rejectedShownMax
        ? [`and ${rejected.length - rejectedShownMax} more rejected`]
        : []),
    ]);
  },
};

export const suppressionsSync: Command = {
  usage: 'suppressions sync',
  does: "compares the provider's own list with ours, all of it and now; it happens daily by itself",
  words: { least: 0, most: 0 },
  async run({ withContext, print }) {
    const synced = await withContext(async (ctx) => {
      const done = await syncList(ctx);
      if (done) await note(ctx, 'synced the suppressions');
      return done;
    });
    if (!synced) {
      throw new Failed(
        'The provider has no list, or did not answer: a Resend key that may only send cannot read it. What was read until then is kept.',
      );
    }
    const { read, suppressed, lifted, agreed } = synced;
    print({ read, suppressed, lifted, agreed }, () => [
      `${read === 1 ? '1 address' : `${read} addresses`} on the provider's list: ${agreed} known here, ${suppressed} suppressed here now, ${lifted} to be lifted there`,
    ]);
  },
};

async function note(ctx: Context, action: string): Promise<void> {
  await recordAction(ctx.db, { operator: 'command line', action });
}

function readReason(given: string | boolean | undefined): SuppressionReason {
  const reason = reasons.find((one) => one === (given ?? 'manual'));
  if (!reason) throw new UsageError(`--reason "${String(given)}" is none; it takes ${reasons.join(', ')}.`);
  return reason;
}
