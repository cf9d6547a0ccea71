import { type Kysely, sql } from 'kysely';

import type { Database } from './schema.ts';

export type MailboxSuppressionOrigin = 'bounce' | 'complaint' | 'manual';

/** An address on the mailbox's own list, as Resend keeps one for an account. Ours, with hashes, is another. */
export interface MailboxSuppression {
  id: string;
  email: string;
  origin: MailboxSuppressionOrigin;
  /** The mail that bounced or was complained about. */
  sourceId: string | null;
  createdAt: Date;
}

const columns = sql`id, email, origin, source_id "sourceId", created_at "createdAt"`;

/**
 * Puts addresses on the list and gives their entries in order. One that is there already keeps its entry; `isNew` tells
 * them apart. Addresses are kept in lower case.
 */
export async function addMailboxSuppressions(
  db: Kysely<Database>,
  emails: readonly string[],
  origin: MailboxSuppressionOrigin,
  sourceId: string | null = null,
): Promise<(MailboxSuppression & { isNew: boolean })[]> {
  const { rows } = await sql<MailboxSuppression & { isNew: boolean }>`
    insert into mailbox_suppressions as s (email, origin, source_id)
    select email, ${origin}, ${sourceId}::uuid
    from unnest(${lower(emails)}::text[]) with ordinality given (email, ordinal)
    group by email order by min(ordinal)
    on conflict (email) do update set email = s.email
    returning ${columns}, xmax = 0 "isNew"`.execute(db);
  return rows;
}

/** By addresses or ids, mixed as they come; gives what was removed. */
export async function removeMailboxSuppressions(
  db: Kysely<Database>,
  names: readonly string[],
): Promise<MailboxSuppression[]> {
  const { rows } = await sql<MailboxSuppression>`
    delete from mailbox_suppressions where email = any(${lower(names)}::text[]) or id::text = any(${lower(names)}::text[])
    returning ${columns}`.execute(db);
  return rows;
}

/** Which of these addresses are on the list, in lower case, with the origin. */
export async function findMailboxSuppressed(
  db: Kysely<Database>,
  emails: readonly string[],
): Promise<Map<string, MailboxSuppressionOrigin>> {
  const { rows } = await sql<{ email: string; origin: MailboxSuppressionOrigin }>`
    select email, origin from mailbox_suppressions where email = any(${lower(emails)}::text[])`.execute(db);
  return new Map(rows.map(({ email, origin }) => [email, origin]));
}

export async function readMailboxSuppression(
  db: Kysely<Database>,
  name: string,
): Promise<MailboxSuppression | undefined> {
  const { rows } = await sql<MailboxSuppression>`
    select ${columns} from mailbox_suppressions where email = ${name.toLowerCase()} or id::text = ${name.toLowerCase()}
    limit 1`.execute(db);
  return rows[0];
}

/** A page of the list, newest first. */
export async function pageMailboxSuppressions(
  db: Kysely<Database>,
  page: {
    limit: number;
    origin?: string | undefined;
    after?: string | undefined;
    before?: string | undefined;
  },
): Promise<MailboxSuppression[]> {
  const placeOf = (id: string) => sql`(select place from mailbox_suppressions where id::text = ${id})`;
  const { rows } = await sql<MailboxSuppression>`
    select ${columns} from (select * from mailbox_suppressions
      where ${page.origin === undefined ? sql`true` : sql`origin = ${page.origin}`}
        and ${page.after === undefined ? sql`true` : sql`place < ${placeOf(page.after)}`}
        and ${page.before === undefined ? sql`true` : sql`place > ${placeOf(page.before)}`}
      order by place ${page.before === undefined ? sql`desc` : sql`asc`} limit ${page.limit}) page
    order by place desc`.execute(db);
  return rows;
}

function lower(texts: readonly string[]): string[] {
  return texts.map((text) => text.toLowerCase());
}
