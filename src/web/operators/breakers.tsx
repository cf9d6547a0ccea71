/** @jsxImportSource hono/jsx */
import type { EditionCourse } from '../../db/breakers.ts';
import type { Act, TripKind } from '../../domain/breaker.ts';
import { countOf, percent, shareMax } from '../../domain/breaker.ts';
import { moment, weekdayOf } from '../wording.ts';
import { actPaths } from './courses.ts';
import { type Edition, number } from './ledger-table.tsx';
import { ScrollTable } from './scroll-table.tsx';

/** The one thing to press for each edition that stands still, or waits for its canary. */
export function CourseActs({ courses }: { courses: readonly EditionCourse[] }) {
  return (
    <>
      {courses.map((edition) => {
        const day = `${weekdayOf(edition.date)}’s edition`;
        if (edition.course === 'paused')
          return (
            <form class="act" method="post" action={pathOf(edition, 'resume')}>
              <button>Resume {day}</button>
              <p class="hint">
                One batch goes first then, the canary. The rest follows when it is known to be good. What has
                waited for twelve hours is too late.
              </p>
            </form>
          );
        if (edition.course === 'trying')
          return (
            <form class="act" method="post" action={pathOf(edition, 'letGo')}>
              <button class="second">Let the rest go now</button>
              <p class="hint">
                {day} goes on since {moment(edition.resumedAt!)}:{' '}
                {edition.canaryId === null
                  ? 'its canary will be the next batch that waits.'
                  : 'its canary has the way, and the rest waits for what becomes of it.'}
              </p>
            </form>
          );
        return null;
      })}
    </>
  );
}

const breakers: readonly [TripKind, string][] = [
  ['hard', 'Hard bounces'],
  ['complained', 'Complaints'],
  ['refusals', 'Policy and content'],
];

/** What speaks against each open edition, beside what it may reach. */
export function BreakerTable({
  courses,
  editions,
}: {
  courses: readonly EditionCourse[];
  editions: readonly Edition[];
}) {
  const columns = [
    { name: 'Date' },
    { name: 'Mail', text: true },
    { name: 'Reported' },
    ...breakers.map(([, name]) => ({ name })),
  ];
  return (
    <ScrollTable caption="Breakers of open editions" columns={columns}>
      {courses.map((edition) => {
        const outcomes = editions.find(({ ledger }) => ledger.date === edition.date)?.outcomes;
        // The count of the reported is kept for a while; what speaks against them is counted now.
        const reported = Math.max(edition.reported, outcomes ? outcomes.delivered + outcomes.bounced : 0);
        return (
          <tr>
            <th scope="row">
              <a href={`/operators/editions/${edition.date}`}>
                {weekdayOf(edition.date).slice(0, 3)} {edition.date}
              </a>
            </th>
            <Course edition={edition} />
            <td>{outcomes || edition.reported > 0 ? number(reported) : '…'}</td>
            {breakers.map(([over]) => (
              <Figure
                count={countOf(edition.troubles, over)}
                reported={reported}
                max={edition.course === 'trying' ? 1 : shareMax(over)}
              />
            ))}
          </tr>
        );
      })}
      <tr class="soft">
        <th scope="row">At most</th>
        <td></td>
        <td></td>
        {breakers.map(([over]) => (
          <td>{percent(shareMax(over), 1)}</td>
        ))}
      </tr>
    </ScrollTable>
  );
}

function Figure({ count, reported, max }: { count: number; reported: number; max: number }) {
  if (count === 0) return <td>0</td>;
  const isOver = count > max * reported;
  return (
    <td class={isOver ? 'red' : undefined}>
      {number(count)} · {percent(count, Math.max(count, reported))}
    </td>
  );
}

function Course({ edition }: { edition: EditionCourse }) {
  if (edition.course === 'paused')
    return <td class="text red">paused since {moment(edition.pausedAt!).replace(/ UTC$/, '')}</td>;
  return (
    <td class="text">
      <form method="post" action={pathOf(edition, 'pause')}>
        {edition.course === 'trying' ? 'canary' : 'flowing'} ·{' '}
        <button class="plain" aria-label={`Pause ${weekdayOf(edition.date)}’s edition`}>
          Pause
        </button>
      </form>
    </td>
  );
}

function pathOf({ date }: EditionCourse, act: Act): string {
  return `/operators/editions/${date}/${actPaths[act]}`;
}
