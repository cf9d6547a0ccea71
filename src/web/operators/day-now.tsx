/** @jsxImportSource hono/jsx */
import { type Measurements, measure } from '../../db/measurements.ts';
import { paceS, readPace } from '../../db/plots.ts';
import type { Context } from '../../context.ts';
import { expectedEnd } from '../../domain/expected-end.ts';
import { batchMembersMax } from '../../domain/digest.ts';
import { weekdayOf } from '../../domain/weekdays.ts';
import type { Day } from '../../pipeline/day.ts';
import { moment } from '../wording.ts';
import { BreakerTable, CourseActs } from './breakers.tsx';
import { LedgerTable, number } from './ledger-table.tsx';

/** Lines of a table on the page of the day; the rest is plotted, and on pages of their own. */
export const linesMax = 10;

/** What moves by the minute while an edition goes out. */
export interface Now {
  at: Date;
  measured: Measurements;
  /** When the edition will have gone out; undefined once it has. */
  endsAt: Date | undefined;
}

export async function readNow(ctx: Context, { current, gate }: Day): Promise<Now> {
  const { identity: transport, isKeyless } = ctx.transport;
  const [measured, pace] = await Promise.all([
    measure(ctx.db, { transport, perSecond: ctx.config.ratePerSecond }),
    current && !current.closed ? readPace(ctx.db, current.date) : undefined,
  ]);
  const at = ctx.now();
  const endsAt =
    pace &&
    expectedEnd({
      now: at,
      pending: current!.pending,
      recent: pace.recent,
      recentS: paceS,
      digestsPerSecondMax: measured.rateLimit * (isKeyless ? 1 : batchMembersMax),
      lastDueAt: pace.lastDueAt ?? undefined,
      parkedUntil: gate.parkedUntil ?? undefined,
    });
  return { at, measured, endsAt };
}

/** The part of the page that is told anew while an edition goes out; the same markup in the page and in the events. */
export function DayNow({ day, now }: { day: Day; now: Now }) {
  const { story, gate, held, courses, editions } = day;
  return (
    <>
      <p class="sentence">
        {story.sentence}{' '}
        {story.needs.length === 0 ? 'Nothing needs you.' : <b class="red">{story.needs.join(' ')}</b>}
      </p>
      {(gate.haltedAt || gate.parkedUntil) && !gate.hasMoved && (
        <Press action="/operators/resume" words="Resume mail" />
      )}
      {held.map(({ date }) => (
        <Press
          action={`/operators/editions/${date}/release`}
          words={`Release ${weekdayOf(date)}’s edition`}
        />
      ))}
      <CourseActs courses={courses} />
      <section class="block">
        <Pace day={day} now={now} />
      </section>
      <section class="block">
        <LedgerTable editions={editions.slice(0, linesMax)} />
      </section>
      {courses.length > 0 && (
        <section class="block">
          <BreakerTable courses={courses} editions={editions} />
        </section>
      )}
    </>
  );
}

function Press({ action, words }: { action: string; words: string }) {
  return (
    <form class="act" method="post" action={action}>
      <button>{words}</button>
    </form>
  );
}

function Pace({ day, now }: { day: Day; now: Now }) {
  const { at, measured, endsAt } = now;
  const { rateLimit, requestsLastMinute, oldestPendingAgeS: ages } = measured;
  const oldest = Math.max(ages.compose, ages.deliver, ages.notice);
  const used = Math.round((requestsLastMinute / 60 / rateLimit) * 100);
  return (
    <dl class="facts">
      <dt>On the way</dt>
      <dd>{number(day.current?.pending ?? 0)} digests</dd>
      <dt>Expected end</dt>
      <dd>
        {isStopped(day) ? 'when mail is resumed' : endsAt ? moment(endsAt) : 'nothing is left to wait for'}
      </dd>
      <dt>Oldest that waits</dt>
      <dd>{oldest === 0 ? 'nothing waits' : spanOf(oldest)}</dd>
      <dt>Rate</dt>
      <dd>
        {used} % of {number(rateLimit)} requests a second, in the last minute
      </dd>
      <dt>As of</dt>
      <dd>{moment(at)}</dd>
    </dl>
  );
}

function isStopped({ gate, courses, current }: Day): boolean {
  return (
    gate.haltedAt !== null ||
    courses.some(({ date, course }) => date === current?.date && course === 'paused')
  );
}

/** "40 s", "12 min", "3 h". */
export function spanOf(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
