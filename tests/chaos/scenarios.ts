import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { chaosName } from './faulty-pool.ts';
import { workersOf } from './fleet.ts';
import { nextDate, playDate, playUntil, type Run, topUp, whenReady } from './play.ts';
import type { PointName } from './points.ts';

export interface Scenario {
  inFlight: number;
  /** Batches that ended as unknown; must be exactly those in flight. */
  unknown: number;
  isExact: boolean;
}

const lookMs = 50;

/** Workers die with answers in hand, and nobody comes back before the keys have expired. */
export async function playOutlived(run: Run): Promise<Scenario> {
  return playScenario(run, 'before-settle', async (ids) => {
    await sql`update batches set first_attempt_at = first_attempt_at - interval '21 hours',
      uncertain_at = uncertain_at - interval '21 hours' where id = any(${ids}::int[])`.execute(
      run.stage.ctx.db,
    );
  });
}

/** Workers die just before their requests, and then a digest's row is no longer what it was. */
export async function playChanged(run: Run): Promise<Scenario> {
  return playScenario(run, 'after-freeze', async (ids) => {
    await sql`update digests d set address_version = d.address_version + 1 from batches b
      where b.id = any(${ids}::int[]) and d.local_date = b.edition_date and d.batch_id = coalesce(b.origin_id, b.id)
        and d.position = b.positions[1]`.execute(run.stage.ctx.db);
  });
}

/** A date in which every process dies at one point; what was in flight then is harmed, and others finish the date. */
async function playScenario(
  run: Run,
  dies: PointName,
  harm: (batchIds: number[]) => Promise<void>,
): Promise<Scenario> {
  const { stage } = run;
  const { db } = stage.ctx;
  run.disturbances = [];
  const date = await nextDate(run);
  // A death that was promised earlier would strike at any time.
  const promised = workersOf(stage.fleet).filter(({ assignment }) => assignment.dies);
  for (const member of promised) stage.fleet.kill(member, 'killed at random');
  await Promise.all(promised.map(({ ended }) => ended));
  topUp(run);
  const doomed = workersOf(stage.fleet);
  for (const member of doomed) await whenReady(member);
  for (const member of doomed) stage.fleet.doom(member, { at: dies, nth: 1 });
  stage.setNow(new Date(`${date}T11:05:00Z`));
  await playUntil(
    run,
    date,
    () => {},
    async () => doomed.some(({ isDoomed }) => isDoomed),
  );
  for (const member of doomed) stage.fleet.kill(member, `killed ${dies}`);
  await Promise.all(doomed.map(({ ended }) => ended));
  await whenSessionsEnded(run);
  const { rows } = await sql<{ id: number }>`select id from batches where state = 'frozen'`.execute(db);
  const inFlight = rows.map(({ id }) => id);
  await harm(inFlight);
  await playDate(run, date, () => topUp(run));
  const found = await sql<{ id: number }>`select id from batches where state = 'unknown'
    and edition_date = ${date} order by id`.execute(db);
  const unknown = found.rows.map(({ id }) => id);
  const isExact = inFlight.length > 0 && unknown.join() === inFlight.toSorted((a, b) => a - b).join();
  return { inFlight: inFlight.length, unknown: unknown.length, isExact };
}

/** What a killed process had asked of the database happens all the same; only then is known what was in flight. */
async function whenSessionsEnded({ stage, signal }: Run): Promise<void> {
  for (;;) {
    const { rows } =
      await sql`select 1 from pg_stat_activity where application_name = ${chaosName} limit 1`.execute(
        stage.ctx.db,
      );
    if (rows.length === 0) return;
    signal.throwIfAborted();
    await pause(lookMs);
  }
}
