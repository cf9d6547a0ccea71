import { randomUUID } from 'node:crypto';
import type { Context } from '../context.ts';
import { findSuppressed } from '../db/suppressions.ts';
import { addressHash } from '../domain/address.ts';
import { fillAnnouncement, type AnnouncementTemplate } from '../render/announcement.ts';
import { noticeBody } from '../render/notice.ts';

/** What became of a test: the transport's id, or why it was not accepted. */
export type Tested = { id: string | null } | { fault: string };

/**
 * Hands one mail over for somebody to look at. It is no row and no notice, so nothing repeats it: an answer that is lost
 * is told as such, and pressing again sends another.
 */
export async function sendTest(ctx: Context, body: Buffer, to: string): Promise<Tested> {
  if ((await findSuppressed(ctx.db, [addressHash(ctx.config.suppressionKey, to)])).size > 0) {
    return { fault: 'the address is suppressed' };
  }
  const receipt = await ctx.transport.submit({
    kind: 'single',
    key: `test/${randomUUID()}`,
    body,
    members: 1,
  });
  if (receipt.outcome !== 'accepted') {
    return { fault: 'reason' in receipt && receipt.reason ? receipt.reason : receipt.code };
  }
  const refused = receipt.refused[0];
  return refused ? { fault: refused.reason } : { id: receipt.ids[0] ?? null };
}

/** An announcement as a made-up reader would get it, marked as a test. Its links lead to pages that know no reader. */
export function announcementTest(ctx: Context, template: AnnouncementTemplate, to: string): Buffer {
  const values = sampleValues(ctx);
  const mail = fillAnnouncement(template, values);
  return noticeBody({
    ...mail,
    subject: `[Test] ${mail.subject}`,
    from: ctx.config.mail.from,
    replyTo: ctx.config.mail.replyTo,
    to,
    unsubscribeUrl: values.unsubscribeUrl,
    tag: 'test',
  });
}

/** What stands in the places of a reader's own values in previews and tests. */
export function sampleValues({ config }: Pick<Context, 'config'>) {
  return {
    unsubscribeUrl: `${config.publicUrl}/unsubscribe/test`,
    preferencesUrl: `${config.publicUrl}/preferences/test`,
    postalAddress: config.mail.postalAddress ?? '',
    topics: 'on Reasoning and Video generation',
    slotLine: 'at 07:00 in Paris',
  };
}
