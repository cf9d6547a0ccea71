import { type Kysely, sql } from 'kysely';

import type { Database } from './schema.ts';

/** An endpoint that a caller of the mailbox's API has asked to be told at. */
export interface MailboxWebhook {
  id: string;
  endpoint: string;
  events: string[];
  secret: string;
  status: 'enabled' | 'disabled';
  createdAt: Date;
}

const columns = sql`id, endpoint, events, signing_secret secret, status, created_at "createdAt"`;

export async function insertMailboxWebhook(
  db: Kysely<Database>,
  webhook: Pick<MailboxWebhook, 'endpoint' | 'events' | 'secret'>,
): Promise<MailboxWebhook> {
  const { rows } = await sql<MailboxWebhook>`
    insert into mailbox_webhooks (endpoint, events, signing_secret)
    values (${webhook.endpoint}, ${webhook.events}::text[], ${webhook.secret}) returning ${columns}`.execute(
    db,
  );
  return rows[0]!;
}

/** All there are, newest first: nobody has many. */
export async function listMailboxWebhooks(db: Kysely<Database>): Promise<MailboxWebhook[]> {
  const { rows } = await sql<MailboxWebhook>`
    select ${columns} from mailbox_webhooks order by created_at desc, id`.execute(db);
  return rows;
}

export async function updateMailboxWebhook(
  db: Kysely<Database>,
  id: string,
  change: Partial<Pick<MailboxWebhook, 'endpoint' | 'events' | 'status'>>,
): Promise<boolean> {
  const result =
    await sql`update mailbox_webhooks set endpoint = coalesce(${change.endpoint ?? null}, endpoint),
    events = coalesce(${change.events ?? null}::text[], events), status = coalesce(${change.status ?? null}, status)
    where id = ${id}`.execute(db);
  return Number(result.numAffectedRows) === 1;
}

export async function deleteMailboxWebhook(db: Kysely<Database>, id: string): Promise<boolean> {
  const result = await sql`delete from mailbox_webhooks where id = ${id}`.execute(db);
  return Number(result.numAffectedRows) === 1;
}
