import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';
import { type MailboxMessage, readMailboxMessage } from '../../src/db/mailbox-messages.ts';
import { listOpenRanges } from '../../src/db/ranges.ts';
import { compose } from '../../src/pipeline/compose.ts';
import { deliver } from '../../src/pipeline/deliver.ts';
import { plan } from '../../src/pipeline/plan.ts';

/** What is due by now, up to its acceptance, without waiting for the gate. */
export async function mailEdition(ctx: Context): Promise<void> {
  await plan(ctx);
  for (const rangeId of await listOpenRanges(ctx.db, 10)) await compose(ctx, { rangeId });
  const { rows } = await sql<{ id: number }>`select id from batches where state = 'composed'`.execute(ctx.db);
  for (const { id } of rows) {
    await deliver(ctx, { batchId: id });
    await sql`update gates set next_slot_at = now()`.execute(ctx.db);
  }
}

/** Hands over every notice that waits, without waiting for the gate. */
export async function mailAll(ctx: Context): Promise<void> {
  await sql`update gates set next_slot_at = now()`.execute(ctx.db);
  const { rows } = await sql<{
    id: number;
  }>`select id from notices where state = 'composed' order by id`.execute(ctx.db);
  for (const { id } of rows) {
    await deliver(ctx, { noticeId: id });
    await sql`update gates set next_slot_at = now()`.execute(ctx.db);
  }
}

/** The newest mail whose subject begins so. */
export async function findMail(ctx: Context, subject: string): Promise<MailboxMessage> {
  const newest = await ctx.db
    .selectFrom('mailbox_messages')
    .select('id')
    .where('subject', 'like', `${subject}%`)
    .orderBy('place', 'desc')
    .executeTakeFirst();
  const mail = newest && (await readMailboxMessage(ctx.db, newest.id));
  if (!mail) throw new Error(`There is no mail "${subject}…" in the mailbox.`);
  return mail;
}

/** The path of a link in the newest mail of that subject. */
export async function pathIn(ctx: Context, subject: string, start: string, part = ''): Promise<string> {
  const { html } = await findMail(ctx, subject);
  const links = [...html.matchAll(/href="([^"]+)"/g)].map((found) => found[1]!.replaceAll('&amp;', '&'));
  const link = links.find((one) => one.includes(start) && one.includes(part));
  if (!link) throw new Error(`The mail "${subject}…" has no link with ${start}.`);
  return link.slice(ctx.config.publicUrl.length);
}
