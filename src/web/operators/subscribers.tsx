/** @jsxImportSource hono/jsx */
import { type Context as HttpContext, Hono } from 'hono';
import type { Context } from '../../context.ts';
import { listActions, recordAction } from '../../db/operator-actions.ts';
import { findByAddress, findById, type SubscriberRow } from '../../db/subscribers.ts';
import { noteLifted } from '../../db/lifts.ts';
import { liftSuppression } from '../../db/suppression-list.ts';
import { suppress } from '../../db/suppressions.ts';
import { addressHash, normaliseAddress } from '../../domain/address.ts';
import { isDate } from '../../domain/calendar.ts';
import { eraseSubscriber } from '../../pipeline/erase.ts';
import { maySendAgain, sendAgain } from '../../pipeline/send-again.ts';
import { readSubscriberDays } from '../../pipeline/subscriber-days.ts';
import { showSubscriber } from '../../pipeline/subscriber-record.ts';
import { viewDigest } from '../../pipeline/view.ts';
import { type Form, readForm } from '../form.ts';
import { framedMailPolicy, framingPolicy } from '../headers.ts';
import { mailPage, page } from '../respond.ts';
import { ErasedPage, MailPage, NoMailPage } from './subscriber-mail.tsx';
import { type Said, saidWords, SubscriberPage } from './subscriber-page.tsx';
import { SearchPage } from './subscriber-search.tsx';

const daysShown = 21;
const actionsShownMax = 20;
const onePath = '/operators/subscribers/:id{[0-9]{1,9}}';

/**
 * One reader: what became of every day of theirs, the exact mails, and what an operator may do for them. Addresses come
 * in forms, never in a page's own address, so that they stand in no log.
 */
export function subscriberRoutes(ctx: Context): Hono {
  const routes = new Hono();

  routes.get('/operators/subscribers', (c) => page(c, <SearchPage />));

  routes.post('/operators/subscribers', async (c) => {
    const wanted = (await readForm(c)).text('address').trim();
    const subscriber = await find(ctx, wanted);
    if (subscriber) return c.redirect(`/operators/subscribers/${subscriber.id}`, 303);
    const record = await showSubscriber(ctx, wanted);
    return page(c, <SearchPage wanted={wanted} record={record} isAddress={isAddress(wanted)} />, 404);
  });

  routes.get(onePath, async (c) => {
    const subscriber = await findById(ctx.db, Number(c.req.param('id')));
    return subscriber ? onePage(ctx, c, subscriber) : c.notFound();
  });

  routes.get(`${onePath}/mail/:date`, async (c) => {
    const [id, date] = [Number(c.req.param('id')), c.req.param('date')];
    const mail = await mailOf(ctx, id, date);
    if (!mail) return page(c, <NoMailPage id={id} date={date} />, 404);
    c.header('Content-Security-Policy', framingPolicy);
    return page(c, <MailPage id={id} date={date} mail={mail} />);
  });

  routes.get(`${onePath}/mail/:date/html`, async (c) => {
    const mail = await mailOf(ctx, Number(c.req.param('id')), c.req.param('date'));
    if (!mail) return c.notFound();
    c.header('Content-Security-Policy', framedMailPolicy);
    return mailPage(c, mail);
  });

  routes.post('/operators/subscribers/suppress', async (c) => {
    const { id, address } = await readTarget(ctx, await readForm(c));
    if (!address) return c.notFound();
    await ctx.db.transaction().execute(async (trx) => {
      await suppress(trx, { addressHash: hashOf(ctx, address), reason: 'manual', origin: 'operator' });
      await recordAction(trx, { operator: 'operator', action: 'suppressed', subscriberId: id });
    });
    return back(c, id, 'suppressed');
  });

  routes.post('/operators/subscribers/release', async (c) => {
    const { id, address } = await readTarget(ctx, await readForm(c));
    if (!address) return c.notFound();
    const lifted = await ctx.db.transaction().execute(async (trx) => {
      const outcome = await liftSuppression(trx, hashOf(ctx, address));
      if (outcome !== 'lifted') return false;
      await noteLifted(trx, [address], ctx.transport.identity);
      await recordAction(trx, { operator: 'operator', action: 'released', subscriberId: id });
      return true;
    });
    const released = ctx.config.transport === 'resend' ? 'lifting' : 'released';
    return back(c, id, lifted ? released : 'kept');
  });

  routes.post(`${onePath}/again`, async (c) => {
    const id = Number(c.req.param('id'));
    const subscriber = await findById(ctx.db, id);
    if (!subscriber) return c.notFound();
    return back(c, id, (await sendAgain(ctx, subscriber)) ? 'again' : 'notagain');
  });

  routes.post(`${onePath}/erase`, async (c) => {
    const id = Number(c.req.param('id'));
    const subscriber = await findById(ctx.db, id);
    if (!subscriber?.address) return c.notFound();
    const typed = normaliseAddress((await readForm(c)).text('address'));
    if (typed !== subscriber.address) return back(c, id, 'mistyped');
    return back(c, id, await erase(ctx, id, subscriber.address));
  });
  return routes;
}

async function onePage(ctx: Context, c: HttpContext, subscriber: SubscriberRow): Promise<Response> {
  const { id, address } = subscriber;
  const record = address === null ? undefined : await showSubscriber(ctx, address);
  if (!record) {
    const actions = await listActions(ctx.db, { subscriberId: id, limit: actionsShownMax });
    return page(c, <ErasedPage id={id} actions={actions} />);
  }
  const days = await readSubscriberDays(ctx, subscriber, record.timeline, daysShown);
  const isRefused = await maySendAgain(ctx, subscriber);
  const said = c.req.query('said');
  return page(
    c,
    <SubscriberPage {...{ id, record, days, isRefused }} said={isSaid(said) ? said : undefined} />,
  );
}

/** Written down before it is tried, because erasing is a transaction of its own and must not be missed in the log. */
async function erase(ctx: Context, id: number, address: string): Promise<Said> {
  await recordAction(ctx.db, { operator: 'operator', action: 'asked to erase', subscriberId: id });
  try {
    return (await eraseSubscriber(ctx, address)) ? 'erased' : 'kept';
  } catch (error) {
    ctx.log.warn({ subscriber: id, err: (error as Error).message }, 'a reader could not be erased');
    return 'inflight';
  }
}

/** The exact mail of a day, with the links that manage the account blanked (RULES 22). */
function mailOf(ctx: Context, subscriberId: number, localDate: string) {
  if (!isDate(localDate)) return undefined;
  return viewDigest(ctx, { purpose: 'digest', subscriberId, addressVersion: 1, localDate });
}

/** By number, or by address in any spelling. */
function find(ctx: Context, wanted: string): Promise<SubscriberRow | undefined> {
  if (/^#?\d{1,9}$/.test(wanted)) return findById(ctx.db, Number(wanted.replace('#', '')));
  const address = normaliseAddress(wanted);
  return address ? findByAddress(ctx.db, address) : Promise.resolve(undefined);
}

/** Whom a form means: a subscriber by number, or an address that belongs to none. */
async function readTarget(
  ctx: Context,
  form: Form,
): Promise<{ id: number | undefined; address: string | undefined }> {
  if (form.has('id')) {
    const subscriber = await find(ctx, form.text('id'));
    return { id: subscriber?.id, address: subscriber?.address ?? undefined };
  }
  return { id: undefined, address: normaliseAddress(form.text('address')) };
}

function back(c: HttpContext, id: number | undefined, said: Said): Response {
  return c.redirect(
    id === undefined ? '/operators/subscribers' : `/operators/subscribers/${id}?said=${said}`,
    303,
  );
}

function hashOf(ctx: Context, address: string): Buffer {
  return addressHash(ctx.config.suppressionKey, address);
}

function isAddress(text: string): boolean {
  return normaliseAddress(text) !== undefined;
}

function isSaid(text: string | undefined): text is Said {
  return text !== undefined && Object.hasOwn(saidWords, text);
}
