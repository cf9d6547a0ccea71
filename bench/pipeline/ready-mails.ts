import { sql } from 'kysely';
import type { Context } from '../../src/context.ts';
import type { MailedDigest } from '../../src/press/mailed-digest.ts';
import { assembleMails } from '../../src/pipeline/assembly.ts';
import { currentShellId } from '../../src/pipeline/shell.ts';
import { readMail } from '../../src/render/mail.ts';
import type { BareMail } from './bare.ts';

/** The first digests of a date, as they were composed. */
export async function readStoredDigests(ctx: Context, date: string, count: number): Promise<MailedDigest[]> {
  const { rows } = await sql<MailedDigest>`
    select subscriber_id "subscriberId", local_date "localDate", packed composition, address,
      address_version "addressVersion", key_id "keyId"
    from digests where local_date = ${date} and batch_id is not null order by subscriber_id limit ${count}`.execute(
    ctx.db,
  );
  return rows;
}

/** The same as whole mails, for whoever sends ready-made ones. */
export async function readReadyMails(ctx: Context, date: string, count: number): Promise<BareMail[]> {
  const digests = await readStoredDigests(ctx, date, count);
  const mails = await assembleMails(ctx, await currentShellId(ctx), digests);
  return mails.map((bytes) => {
    const { from, to, subject, html, text, headers, tags } = readMail(bytes);
    return { from, to, subject, html, text, headers, tags };
  });
}
