/** @jsxImportSource hono/jsx */
import { shortDate } from '../wording.ts';
import { niceMax, shortNumber, spreadLabels } from './plot-scale.ts';

export interface Series {
  name: string;
  /** One for each date; undefined where nothing is known. */
  values: readonly (number | undefined)[];
  /** Drawn as something that needs a hand. */
  red?: boolean;
}

export interface LinePlotProps {
  title: string;
  /** Oldest first. */
  dates: readonly string[];
  series: readonly Series[];
}

const size = { width: 360, height: 176 };
const edge = { left: 34, right: 96, top: 10, bottom: 22 };
const inner = {
  width: size.width - edge.left - edge.right,
  height: size.height - edge.top - edge.bottom,
};
const labelGap = 14;

/** A few thin lines over days, each named at its end. Made on the server: there is no script, and nothing to wait for. */
export function LinePlot({ title, dates, series }: LinePlotProps) {
  const top = niceMax(series.flatMap(({ values }) => values.filter((value) => value !== undefined)));
  const x = (place: number) =>
    edge.left + (dates.length < 2 ? inner.width : (place / (dates.length - 1)) * inner.width);
  const y = (value: number) => edge.top + inner.height * (1 - value / top);
  const ends = series.map(({ values }) => lastKnown(values));
  const labels = spreadLabels(
    ends.map((end) => y(end ?? 0)),
    labelGap,
    edge.top + inner.height,
  );
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${size.width} ${size.height}`}
        role="img"
        aria-label={`${title}: ${series.map(({ name }, n) => `${name} ${ends[n] ?? 'unknown'}`).join(', ')}`}
      >
        {[0, top / 2, top].filter(Number.isInteger).map((value) => (
          <g>
            <line class="rule" x1={edge.left} x2={edge.left + inner.width} y1={y(value)} y2={y(value)} />
            <text class="scale" x={edge.left - 6} y={y(value) + 4} text-anchor="end">
              {shortNumber(value)}
            </text>
          </g>
        ))}
        <text class="scale" x={edge.left} y={size.height - 4}>
          {dates[0] && shortDate(dates[0])}
        </text>
        {dates.length > 1 && (
          <text class="scale" x={edge.left + inner.width} y={size.height - 4} text-anchor="end">
            {shortDate(dates.at(-1)!)}
          </text>
        )}
        {series.map(({ name, values, red }, n) => (
          <g class={red ? 'series hand' : `series s${n % 3}`}>
            <path d={pathOf(values, x, y)} />
            <circle cx={x(values.length - 1)} cy={y(ends[n] ?? 0)} r="2.2" />
            <text x={edge.left + inner.width + 7} y={labels[n]! + 4}>
              {name} {ends[n] === undefined ? '…' : shortNumber(ends[n])}
            </text>
          </g>
        ))}
      </svg>
    </figure>
  );
}

function lastKnown(values: readonly (number | undefined)[]): number | undefined {
  return values.findLast((value) => value !== undefined);
}

/** A line that breaks where nothing is known. */
function pathOf(
  values: readonly (number | undefined)[],
  x: (place: number) => number,
  y: (value: number) => number,
): string {
  const parts: string[] = [];
  let isDrawing = false;
  for (const [place, value] of values.entries()) {
    if (value === undefined) {
      isDrawing = false;
      continue;
    }
    parts.push(`${isDrawing ? 'L' : 'M'}${x(place).toFixed(1)} ${y(value).toFixed(1)}`);
    isDrawing = true;
  }
  return parts.join('');
}
