import { sql } from 'kysely';
import { readMailboxMessage } from '../../src/db/mailbox-messages.ts';
import { escapeHtml } from '../../src/render/freeze.ts';
import { findMail, mailEdition } from './mailbox.ts';
import type { Studio } from './studio.ts';

/** Every mail, to the reader whose pages were drawn before. */
export async function drawMails({ ctx, setNow, shot, shotOf }: Studio): Promise<void> {
  setNow('2026-07-18T07:00:00Z');
  await sql`update subscribers set empty_days = 'note'`.execute(ctx.db);
  await mailEdition(ctx);
  setNow('2026-07-19T07:00:00Z');
  await sql`delete from follows`.execute(ctx.db);
  await sql`insert into topics (kind, definition, name) values ('phrase', 'quantum gardens', 'quantum gardens')`.execute(
    ctx.db,
  );
  await sql`insert into follows (subscriber_id, topic_id) select s.id, t.id from subscribers s, topics t
    where t.name = 'quantum gardens'`.execute(ctx.db);
  await mailEdition(ctx);
  for (const [name, subject, look] of [
    ['confirm-mail', 'Confirm your Broadsheet', {}],
    ['welcome-phone-dark', 'Welcome: ', { size: 'phone', scheme: 'dark' }],
    ['welcome', 'Welcome: ', {}],
    ['link-mail', 'Your Broadsheet link', {}],
    ['data-mail', 'Your Broadsheet data', {}],
    ['move-mail', 'Confirm your new address', {}],
    ['note-mail', 'No new papers', {}],
  ] as const) {
    const size = name.endsWith('mail') ? 'short' : 'desktop';
    await shot(name, `/mailbox/${(await findMail(ctx, subject)).id}/html`, { size, ...look });
  }
  const { rows } = await sql<{ id: string }>`select id from mailbox_messages
    where tags::text like '%d-1-20260718%' order by place desc limit 1`.execute(ctx.db);
  const { id, text } = (await readMailboxMessage(ctx.db, rows[0]!.id))!;
  await shot('digest', `/mailbox/${id}/html`);
  await shot('digest-phone-dark', `/mailbox/${id}/html`, { size: 'phone', scheme: 'dark' });
  await shotOf(
    'digest-text',
    `<meta charset="utf-8"><pre style="font:15px/1.45 monospace;padding:16px">${escapeHtml(text)}</pre>`,
  );
}
