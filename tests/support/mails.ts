import type { Kysely } from 'kysely';
import { type MailboxMessage, readMailboxMessage } from '../../src/db/mailbox-messages.ts';
import type { Database } from '../../src/db/schema.ts';

/** The mails that the mailbox holds, whole, newest first: all of them, or those to an address. */
export async function readMails(db: Kysely<Database>, to?: string): Promise<MailboxMessage[]> {
  const rows = await db
    .selectFrom('mailbox_messages')
    .select('id')
    .$if(to !== undefined, (query) => query.where('to_address', '=', to!))
    .orderBy('place', 'desc')
    .execute();
  return Promise.all(rows.map(async ({ id }) => (await readMailboxMessage(db, id))!));
}
