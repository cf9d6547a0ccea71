import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { reopenGate } from '../db/gates.ts';
import { listHeldEditions, releaseEdition } from '../db/held-editions.ts';
import { readLedger } from '../db/ledger.ts';
import { recordAction } from '../db/operator-actions.ts';
import { type Ledger, total } from '../domain/ledger.ts';
import { drain, type Drained } from '../pipeline/drain.ts';
import { plan } from '../pipeline/plan.ts';
import { closeEditions } from '../pipeline/sweep.ts';
import { startWorkers } from '../../workers/all.ts';
import { readDate } from './calendar-date.ts';
import { type Command, exitCodes, Failed } from './command.ts';

export const editionRun: Command = {
  usage: 'edition run [--wait]',
  does: 'plans what is due now; with --wait delivers it and prints the ledgers',
  options: { wait: { type: 'boolean' } },
  words: { least: 0, most: 0 },
  async run({ options, withContext, print }) {
    const wait = options['wait'] === true;
    const { editions, drained } = await withContext((ctx) => runEditions(ctx, wait), { delivers: wait });
    print({ editions }, () => (editions.length === 0 ? ['Nothing is due.'] : editions.map(inWords)));
    if (drained.done) return exitCodes.done;
    process.stderr.write(`${drained.reason}\n`);
    return exitCodes.failed;
  },
};

export const editionShow: Command = {
  usage: 'edition show DATE',
  does: "one edition's ledger",
  words: { least: 1, most: 1 },
  async run({ words, withContext, print }) {
    const date = readDate(words[0]!);
    const ledger = await withContext(async (ctx) => {
      const edition = await ctx.db
        .selectFrom('editions')
        .select('date')
        .where('date', '=', date)
        .executeTakeFirst();
      return edition && readLedger(ctx.db, date);
    });
    if (!ledger) throw new Failed(`There is no edition of ${date}.`);
    print(ledger, () => [inWords(ledger)]);
    return exitCodes.done;
  },
};

export const editionRelease: Command = {
  usage: 'edition release DATE',
  does: 'lets an edition go on that is held because its audience moved by more than half',
  words: { least: 1, most: 1 },
  async run({ words, withContext, print }) {
    const date = readDate(words[0]!);
    const released = await withContext((ctx) => release(ctx, date));
    print({ date, released }, () => [released ? 'Released.' : `The edition of ${date} is not held.`]);
    return released ? exitCodes.done : exitCodes.failed;
  },
};

async function release(ctx: Context, date: string): Promise<boolean> {
  return ctx.db.transaction().execute(async (trx) => {
    if (!(await releaseEdition(trx, date))) return false;
    await recordAction(trx, { operator: 'command line', action: 'released an edition', subject: date });
    return true;
  });
}

/**
 * Plans at the business clock's moment, and with `wait` drains the queues with this process's workers until nothing is
 * pending. Running an edition by hand is the operator acting, so it reopens a halted gate and releases held editions.
 */
async function runEditions(ctx: Context, wait: boolean): Promise<{ editions: Ledger[]; drained: Drained }> {
  await reopenGate(ctx.db, ctx.transport.identity);
  for (const { date } of await listHeldEditions(ctx.db)) await release(ctx, date);
  const planned = await plan(ctx, { isByHand: true });
  const dates = new Set([...planned.dates, ...(await readOpenWork(ctx))]);
  let drained: Drained = { done: true };
  if (wait) {
    const workers = startWorkers(ctx, { ingests: false });
    try {
      drained = await drain(ctx, [...dates]);
    } finally {
      await workers.close();
    }
    for (const date of await closeEditions(ctx, ctx.now())) dates.add(date);
  }
  const editions: Ledger[] = [];
  for (const date of [...dates].toSorted()) editions.push(await readLedger(ctx.db, date));
  return { editions, drained };
}

/** Editions with work left from before, and those another process planned at this very moment. */
async function readOpenWork(ctx: Context): Promise<string[]> {
  const { rows } = await sql<{ date: string }>`
    select edition_date date from ranges where composed_at is null or made_at = ${ctx.now()}
    union select b.edition_date from batches b join editions e on e.date = b.edition_date and e.closed_at is null
      where b.state in ('composed', 'frozen')`.execute(ctx.db);
  return rows.map((row) => row.date);
}

function inWords(ledger: Ledger): string {
  const parts = [`${ledger.accepted} of ${ledger.audience} accepted`];
  if (ledger.pending > 0) parts.push(`${ledger.pending} pending`);
  for (const [name, counts] of [
    ['skipped', ledger.skipped],
    ['failed', ledger.failed],
  ] as const) {
    const reasons = Object.entries(counts).map(([reason, count]) => `${reason} ${count}`);
    if (total(counts) > 0) parts.push(`${total(counts)} ${name} (${reasons.join(', ')})`);
  }
  if (ledger.unknown > 0) parts.push(`${ledger.unknown} unknown`);
  return `${ledger.date}  ${parts.join(', ')}${ledger.closed ? '; closed' : ''}`;
}
