/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import type { Context } from '../../context.ts';
import { readAnnouncementLedger } from '../../db/announcement-ledger.ts';
import {
  type Announcement,
  countAudience,
  countToCome,
  deleteDraft,
  insertDraft,
  listAnnouncements,
  readAnnouncementRow,
  updateDraft,
} from '../../db/announcements.ts';
import { readPerSecond } from '../../db/gates.ts';
import { recordAction } from '../../db/operator-actions.ts';
import { findOfferedTopic, listTopics } from '../../db/topics.ts';
import { normaliseAddress } from '../../domain/address.ts';
import { expectedHours } from '../../domain/announcement.ts';
import { startAnnouncement, stopAnnouncement } from '../../pipeline/announce.ts';
import { noticesPerRequest } from '../../pipeline/notice.ts';
import { announcementTest, sampleValues, sendTest } from '../../pipeline/send-test.ts';
import { fillAnnouncement, readAnnouncement } from '../../render/announcement.ts';
import { inWords, readTemplate } from '../../render/mjml-template.ts';
import { readForm } from '../form.ts';
import { framedMailPolicy, framingPolicy } from '../headers.ts';
import { page } from '../respond.ts';
import { ConfirmPage } from './announcement-confirm.tsx';
import { DraftPage, NewPage } from './announcement-draft.tsx';
import { AnnouncementsPage, UnderWayPage } from './announcement-page.tsx';

const shownMax = 100;
const base = '/operators/announcements';
const onePath = `${base}/:id{[0-9]{1,9}}`;

/** News for all readers or for one topic's: written, looked at, tried out, counted, and then under way with a ledger. */
export function announcementRoutes(ctx: Context): Hono {
  const routes = new Hono();
  writing(ctx, routes);
  sending(ctx, routes);
  return routes;
}

function writing(ctx: Context, routes: Hono): void {
  routes.get(base, async (c) => {
    const announcements = await listAnnouncements(ctx.db, shownMax);
    const rows = [];
    for (const announcement of announcements) {
      const isStarted = announcement.startedAt !== null;
      const ledger = isStarted ? await readAnnouncementLedger(ctx.db, announcement.id) : undefined;
      rows.push({ announcement, ledger });
    }
    return page(c, <AnnouncementsPage rows={rows} />);
  });

  routes.get(`${base}/new`, async (c) => page(c, <NewPage source={await readTemplate('announcement')} />));

  routes.post(base, async (c) => {
    const source = await readSource(c);
    // Nothing written is nothing to keep.
    if (source.trim() === '') return c.redirect(`${base}/new`, 303);
    return c.redirect(`${base}/${await insertDraft(ctx.db, source)}`, 303);
  });

  routes.get(onePath, async (c) => {
    const announcement = await find(ctx, c);
    if (!announcement) return c.notFound();
    return announcement.startedAt ? underWay(ctx, c, announcement) : draft(c, announcement);
  });

  // The frames' content: an operator's own markup, filled with a made-up reader's values, and never run.
  routes.get(`${onePath}/html`, async (c) => {
    const announcement = await find(ctx, c);
    const template = announcement && (await templateOf(announcement));
    if (!template) return c.notFound();
    c.header('Content-Security-Policy', framedMailPolicy);
    return c.html(fillAnnouncement(template, sampleValues(ctx)).html);
  });

  routes.post(`${onePath}/save`, async (c) => {
    const id = Number(c.req.param('id'));
    await updateDraft(ctx.db, id, await readSource(c));
    return c.redirect(`${base}/${id}`, 303);
  });

  routes.post(`${onePath}/delete`, async (c) => {
    const id = Number(c.req.param('id'));
    await ctx.db.transaction().execute(async (trx) => {
      if (!(await deleteDraft(trx, id))) return;
      await recordAction(trx, {
        operator: 'operator',
        action: 'threw a draft away',
        subject: `announcement ${id}`,
      });
    });
    return c.redirect(base, 303);
  });
}

function sending(ctx: Context, routes: Hono): void {
  // The address comes in the form and goes into no page's own address, so that it stands in no log.
  routes.post(`${onePath}/test`, async (c) => {
    const announcement = await find(ctx, c);
    if (!announcement) return c.notFound();
    const given = (await readForm(c)).text('address');
    const to = normaliseAddress(given);
    const { template } = await readAnnouncement(announcement.source);
    if (!to)
      return draft(c, announcement, { tried: { given, fault: 'This is no address that mail can go to.' } });
    if (!template) return draft(c, announcement);
    const subject = `announcement ${announcement.id}`;
    await recordAction(ctx.db, { operator: 'operator', action: 'tried an announcement out', subject });
    const tested = await sendTest(ctx, announcementTest(ctx, template, to), to);
    if ('fault' in tested) {
      return draft(c, announcement, { tried: { given, fault: `It was not accepted: ${tested.fault}.` } });
    }
    return draft(c, announcement, { tried: { given: to } });
  });

  routes.get(`${onePath}/send`, async (c) => confirm(ctx, c, c.req.query('to') ?? ''));

  routes.post(`${onePath}/send`, async (c) => {
    const form = await readForm(c);
    const [to, typed] = [form.text('to'), form.text('count').replaceAll(/[\s,.]/g, '')];
    const topic = to === '' ? undefined : await findOfferedTopic(ctx.db, to);
    if (to !== '' && !topic) return c.notFound();
    const topicId = topic?.id ?? null;
    const audience = await countAudience(ctx.db, topicId);
    if (typed !== String(audience)) {
      return confirm(ctx, c, to, `It would go to ${audience.toLocaleString('en-US')}: type that number.`);
    }
    const started = await startAnnouncement(ctx, { id: Number(c.req.param('id')), topicId }, 'operator');
    if ('faults' in started) return confirm(ctx, c, to, started.faults.map(inWords).join(' '));
    return c.redirect(`${base}/${started.id}${started.isNew ? '' : '?before'}`, 303);
  });

  routes.post(`${onePath}/stop`, async (c) => {
    const id = Number(c.req.param('id'));
    if (await stopAnnouncement(ctx, id, 'operator'))
      ctx.log.info({ announcement: id }, 'an operator stopped it');
    return c.redirect(`${base}/${id}`, 303);
  });
}

async function draft(
  c: HttpContext,
  announcement: Announcement,
  { tried }: { tried?: { given: string; fault?: string } } = {},
): Promise<Response> {
  const { template, faults } = await readAnnouncement(announcement.source);
  c.header('Content-Security-Policy', framingPolicy);
  const status = tried?.fault ? 422 : 200;
  return page(c, <DraftPage {...{ announcement, template, faults, tried }} />, status);
}

async function underWay(ctx: Context, c: HttpContext, announcement: Announcement): Promise<Response> {
  const isOver = announcement.closedAt !== null || announcement.stoppedAt !== null;
  const [ledger, toCome, perSecond] = await Promise.all([
    readAnnouncementLedger(ctx.db, announcement.id),
    isOver ? 0 : countToCome(ctx.db, announcement.id),
    readPerSecond(ctx.db, ctx.transport.identity, ctx.config.ratePerSecond),
  ]);
  const hours = expectedHours(toCome, perSecond, noticesPerRequest(ctx));
  c.header('Content-Security-Policy', framingPolicy);
  const wasBefore = c.req.query('before') !== undefined;
  return page(c, <UnderWayPage {...{ announcement, ledger, toCome, hours, wasBefore }} />);
}

async function confirm(ctx: Context, c: HttpContext, to: string, fault?: string): Promise<Response> {
  const announcement = await find(ctx, c);
  const topic = to === '' ? undefined : await findOfferedTopic(ctx.db, to);
  if (!announcement || (to !== '' && !topic)) return c.notFound();
  if (announcement.startedAt) return c.redirect(`${base}/${announcement.id}`, 303);
  const { template, faults } = await readAnnouncement(announcement.source);
  if (!template || faults.length > 0) return c.redirect(`${base}/${announcement.id}`, 303);
  const audience = await countAudience(ctx.db, topic?.id ?? null);
  const topics = await listTopics(ctx.db);
  const { id } = announcement;
  const props = { id, subject: template.subject, topics, to, topicName: topic?.name, audience, fault };
  return page(c, <ConfirmPage {...props} />, fault ? 422 : 200);
}

/** What is mailed, once it is fixed; before, what the draft would come to. */
async function templateOf({ source, subject, html, text }: Announcement) {
  if (subject !== null && html !== null && text !== null) return { subject, html, text };
  return (await readAnnouncement(source)).template;
}

function find(ctx: Context, c: HttpContext): Promise<Announcement | undefined> {
  return readAnnouncementRow(ctx.db, Number(c.req.param('id')));
}

/** Forms end lines with CRLF; a file of the same text does not, and should be the same announcement. */
async function readSource(c: HttpContext): Promise<string> {
  return (await readForm(c)).text('source').replaceAll('\r\n', '\n');
}
