import { sql, type Transaction } from 'kysely';

import type { Database } from './schema.ts';

/** Recipients so far on a UTC day, and in its month. */
export interface MailboxUsage {
  day: number;
  month: number;
}

/**
 * What was used up to now, with the day's row held until the transaction ends, so that two requests never share what is
 * left. `day` is a date, `YYYY-MM-DD`.
 */
export async function holdMailboxUsage(trx: Transaction<Database>, day: string): Promise<MailboxUsage> {
  await sql`insert into mailbox_usage (day, mails) values (${day}, 0)
    on conflict (day) do update set mails = mailbox_usage.mails`.execute(trx);
  const { rows } = await sql<MailboxUsage>`
    select coalesce(sum(mails) filter (where day = ${day}), 0)::int "day", coalesce(sum(mails), 0)::int "month"
    from mailbox_usage where day between date_trunc('month', ${day}::date) and ${day}`.execute(trx);
  return rows[0]!;
}

export async function addMailboxUsage(trx: Transaction<Database>, day: string, mails: number): Promise<void> {
  await sql`update mailbox_usage set mails = mails + ${mails} where day = ${day}`.execute(trx);
}
