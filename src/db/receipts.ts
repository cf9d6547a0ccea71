import { sql } from 'kysely';

/** The transport's ids of a batch's mails, by place in its positions; null where dropped or refused. */
export type MailIds = readonly (string | null)[];

/** As Resend's ids are, and as Postgres writes them: sixteen bytes in place of forty. */
const uuidShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function isUuid(id: string): boolean {
  return uuidShape.test(id);
}

/** The columns of a batch that keep its receipt: as UUIDs where all of its ids are some, else as texts. */
export function receiptColumns(ids: MailIds | undefined) {
  const areUuids = ids?.every((id) => id === null || isUuid(id)) ?? false;
  return { receipt: areUuids ? null : (ids ?? null), receipt_uuids: areUuids ? ids! : null };
}

/** The transport's id of digest `d`'s mail, of its batch `b`. */
export const mailIdOfDigest = sql<string | null>`coalesce(b.receipt[array_position(b.positions, d.position)],
  b.receipt_uuids[array_position(b.positions, d.position)]::text)`;
