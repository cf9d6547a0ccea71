/**
 * Breakers: takes what was reported of the open editions, leaves one paused where it trips, and lets one go on whose
 * canary was good (RULES 18).
 *
 * Every change is one conditional update on the edition's row, so two judges at once change it once. Dies before: the
 * sweep judges again within a minute. What a pause holds back is asked of that row at each claim and before each request.
 */
import type { Context } from '../context.ts';
import {
  appointCanaries,
  countReported,
  dismissCanary,
  type EditionCourse,
  type Hearing,
  letFlow,
  pauseEdition,
  readCanary,
  readCourses,
  resumeEdition,
} from '../db/breakers.ts';
import { type Operator, recordAction } from '../db/operator-actions.ts';
import {
  type Act,
  courseAfter,
  describeTrip,
  judgeCanary,
  type Move,
  reportedToAcquit,
  since,
  tripOf,
} from '../domain/breaker.ts';

/** The courses of the open editions, or of those of some dates. */
export function editionCourses(ctx: Context, dates?: readonly string[]): Promise<EditionCourse[]> {
  return readCourses(ctx.db, hearing(ctx), dates);
}

/** Judges the open editions, or those of some dates. */
export async function judgeEditions(ctx: Context, dates?: readonly string[]): Promise<void> {
  if (dates?.length === 0) return;
  for (const edition of await editionCourses(ctx, dates)) {
    if (edition.course === 'flowing') await judgeFlowing(ctx, edition);
    else if (edition.course === 'trying') await judgeTrying(ctx, edition);
  }
}

async function judgeFlowing(ctx: Context, edition: EditionCourse): Promise<void> {
  const { date, judgedFrom, troubles, reported: known } = edition;
  const before = { ...troubles, reported: known };
  const needed = reportedToAcquit(since(before, judgedFrom));
  if (known - judgedFrom.reported >= needed) return;
  const reported = await countReported(ctx.db, date, hearing(ctx));
  const trip = tripOf(since({ ...troubles, reported }, judgedFrom));
  if (trip) await trouble(ctx, edition, 'trip', describeTrip(trip));
}

async function judgeTrying(ctx: Context, edition: EditionCourse): Promise<void> {
  const { date, canaryId, resumedAt } = edition;
  if (canaryId === null) return appointCanaries(ctx.db);
  const canary = await readCanary(ctx.db, { date, canaryId, resumedAt: resumedAt! }, hearing(ctx));
  const verdict = judgeCanary(canary);
  switch (verdict.is) {
    case 'open':
      return;
    case 'bad':
      return trouble(ctx, edition, 'bad', verdict.reason);
    case 'empty':
      await dismissCanary(ctx.db, edition);
      return appointCanaries(ctx.db);
    case 'good':
      if (!(await move(ctx, ctx.db, edition, 'good'))) return;
      ctx.log.info(
        { edition: date, ...canary.reports },
        'the canary is good; the rest of the edition follows',
      );
      await ctx.queues.add('sweep', {});
  }
}

async function trouble(
  ctx: Context,
  edition: EditionCourse,
  found: 'trip' | 'bad',
  reason: string,
): Promise<void> {
  if (!(await move(ctx, ctx.db, edition, found, reason))) return;
  const { date, troubles } = edition;
  ctx.log.error(
    { edition: date, ...troubles },
    `The edition of ${date} is paused. ${reason} Look into it, then resume it at /operators.`,
  );
}

/** An operator's act. False where it means nothing at the moment: there is no such open edition, or it is on that course. */
export async function actOnEdition(
  ctx: Context,
  date: string,
  act: Act,
  operator: Operator,
): Promise<boolean> {
  const [edition] = await editionCourses(ctx, [date]);
  if (!edition) return false;
  const isDone = await ctx.db.transaction().execute(async (trx) => {
    const isOurs = await move(ctx, trx, edition, act, 'An operator paused it.');
    if (isOurs) await recordAction(trx, { operator, action: inLog[act], subject: date });
    return isOurs;
  });
  if (!isDone) return false;
  ctx.log.warn({ edition: date }, `an operator ${inLog[act]}`);
  if (act === 'resume') await appointCanaries(ctx.db);
  await ctx.queues.add('sweep', {});
  return true;
}

const inLog: Readonly<Record<Act, string>> = {
  pause: 'paused an edition',
  resume: 'resumed an edition, a canary first',
  letGo: 'let the rest of an edition go',
};

/** Moves an edition on from where it was seen. False where the move means nothing there, or somebody else moved it first. */
async function move(
  ctx: Context,
  db: Context['db'],
  edition: EditionCourse,
  how: Move,
  reason = '',
): Promise<boolean> {
  const { date, course, troubles } = edition;
  switch (courseAfter(course, how)) {
    case 'paused':
      return pauseEdition(db, edition, reason);
    case 'trying':
      return resumeEdition(db, date);
    case 'flowing': {
      const reported = await countReported(db, date, hearing(ctx));
      return letFlow(db, edition, { ...troubles, reported });
    }
    case undefined:
      return false;
  }
}

/** A mail server tells what it refuses, and nothing of deliveries. */
function hearing(ctx: Context): Hearing {
  return { hearsDeliveries: !ctx.transport.isKeyless };
}
