import type { Context } from '../context.ts';
import { readAnnouncementRow } from '../db/announcements.ts';
import type { ClaimedNotice } from '../db/notice-hand-over.ts';
import type { Reader } from '../db/readers.ts';
import { utcDate } from '../domain/cadence.ts';
import { moveKeys, type Purpose, signToken } from '../domain/tokens.ts';
import { type AnnouncementTemplate, fillAnnouncement } from '../render/announcement.ts';
import {
  noticeBody,
  type NoticeForm,
  type NoticeProps,
  noticeValues,
  type RenderedNotice,
  renderNotice,
} from '../render/notice.ts';
import { type MadeFirstDigest, makeFirstDigest } from './first-digest.ts';

/** What a link or a confirmation is for is the first word of its cause; all others are what their kind says. */
export const causes = { account: 'account', move: 'move' } as const;

/** The words of the announcement that a notice brings, read once for all that go together; undefined where it brings none. */
export async function readNews(
  ctx: Context,
  notice: ClaimedNotice,
): Promise<AnnouncementTemplate | undefined> {
  if (notice.announcementId === null) return undefined;
  const { subject, html, text } = (await readAnnouncementRow(ctx.db, notice.announcementId)) ?? {};
  if (subject == null || html == null || text == null) {
    throw new Error(
      `Announcement ${notice.announcementId} was not started, and yet has notice ${notice.id}.`,
    );
  }
  return { subject, html, text };
}

/** The body of one notice's mail; with the first digest in it, also what that was put together from. */
export async function makeNotice(
  ctx: Context,
  notice: ClaimedNotice,
  reader: Reader,
  news: AnnouncementTemplate | undefined,
): Promise<{ body: Buffer; made: MadeFirstDigest | undefined }> {
  const props = await propsOf(ctx, notice, reader);
  const { localDate, madeAt, paperIds } = notice;
  const first =
    localDate && madeAt ? await makeFirstDigest(ctx, reader, { localDate, madeAt, paperIds }) : undefined;
  const mail: RenderedNotice = first ? first.mail : await render(notice, reader, props, news);
  const body = noticeBody({
    subject: mail.subject,
    html: mail.html,
    text: mail.text,
    from: ctx.config.mail.from,
    replyTo: ctx.config.mail.replyTo,
    to: notice.address,
    unsubscribeUrl: props.unsubscribeUrl,
    tag: `n-${notice.id}`,
  });
  return { body, made: first?.made };
}

async function render(
  notice: ClaimedNotice,
  reader: Reader,
  props: NoticeProps,
  news: AnnouncementTemplate | undefined,
): Promise<RenderedNotice> {
  if (!news) return renderNotice(formOf(notice), props);
  const mail = fillAnnouncement(news, noticeValues(props));
  // Who reads digests as plain text reads news so too.
  return reader.isTextOnly ? { ...mail, html: '' } : mail;
}

function formOf({ kind, cause }: ClaimedNotice): NoticeForm {
  const word = cause.slice(0, cause.indexOf(' '));
  if (kind === 'link' && word === causes.account) return 'account';
  if (kind === 'confirm' && word === causes.move) return 'move';
  if (kind === 'announcement') throw new Error('An announcement has no template of its own.');
  return kind;
}

async function propsOf(ctx: Context, notice: ClaimedNotice, reader: Reader): Promise<NoticeProps> {
  const { id: subscriberId, addressVersion } = reader;
  const link = (purpose: Purpose, dated: { localDate?: string } = {}, keys = ctx.config.keys) =>
    `${ctx.config.publicUrl}/${purpose}/${signToken(keys[0], {
      purpose,
      subscriberId,
      addressVersion,
      ...dated,
    })}`;
  // The links that end are dated by the first attempt, on real time.
  const today = { localDate: utcDate(notice.now) };
  return {
    confirmUrl: link('confirm', today),
    preferencesUrl: link('preferences'),
    unsubscribeUrl: link('unsubscribe'),
    accountUrl: link('account', today),
    moveUrl: link('move', today, moveKeys(ctx.config.keys, notice.address)),
    topics: reader.topics.length > 0 ? reader.topics.map(({ name }) => name) : await readWanted(ctx, reader),
    slot: { timeZone: reader.timeZone, sendHour: reader.sendHour, weekdays: reader.weekdays },
    postalAddress: ctx.config.mail.postalAddress,
  };
}

/** What they asked for before they confirmed, which is followed only then. */
async function readWanted(ctx: Context, { id }: Reader): Promise<string[]> {
  const { wanted_topics: wanted } = await ctx.db
    .selectFrom('subscribers')
    .select('wanted_topics')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return wanted;
}
