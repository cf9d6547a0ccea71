/** @jsxImportSource hono/jsx */
import { moment } from '../wording.ts';
import { Below, plotArea, PlotFrame } from './plot-frame.tsx';
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

/** Wide enough for most names and numbers, so that plots beside each other are alike; longer ones get more. */
const roomMin = 96;
const characterWidth = 7.5;
const nameMax = 19;
const labelStart = 7;
const labelGap = 14;

/** A few thin lines over days, each named at its end. Made on the server: there is no script, and nothing to wait for. */
export function LinePlot({ title, dates, series }: LinePlotProps) {
  const top = niceMax(series.flatMap(({ values }) => values.filter((value) => value !== undefined)));
  const places = series.map(({ values }) => values.findLastIndex((value) => value !== undefined));
  const ends = series.map(({ values }, n) => values[places[n]!]);
  const labels = series.map(({ name }, n) => labelOf(name, ends[n]));
  const longest = Math.max(...labels.map(({ length }) => length));
  const area = plotArea(top, Math.max(roomMin, labelStart + longest * characterWidth));
  const x = (place: number) =>
    area.left + (dates.length < 2 ? area.width : (place / (dates.length - 1)) * area.width);
  const heights = spreadLabels(
    ends.map((end) => area.y(end ?? 0)),
    labelGap,
    area.bottom,
  );
  return (
    <PlotFrame
      title={title}
      told={series.map(({ name }, n) => `${name} ${ends[n] ?? 'unknown'}`).join(', ')}
      area={area}
      scale={[0, top / 2, top].filter(Number.isInteger)}
    >
      {dates[0] && <Below x={area.left}>{dayOf(dates[0])}</Below>}
      {dates.length > 1 && (
        <Below x={area.right} ends>
          {dayOf(dates.at(-1)!)}
        </Below>
      )}
      {series.map(({ values, red }, n) => (
        <g class={red ? 'series hand' : `series s${n % 3}`}>
          <path d={pathOf(values, x, area.y)} />
          {ends[n] !== undefined && <circle cx={x(places[n]!)} cy={area.y(ends[n])} r="2.2" />}
          <text x={area.right + labelStart} y={heights[n]! + 4}>
            {labels[n]}
          </text>
        </g>
      ))}
    </PlotFrame>
  );
}

/** "accepted 97k", "Autonomous drivin… 12", "delivered …" where nothing is known. */
function labelOf(name: string, end: number | undefined): string {
  const short = name.length <= nameMax ? name : `${name.slice(0, nameMax - 1).trimEnd()}…`;
  return `${short} ${end === undefined ? '…' : shortNumber(end)}`;
}

/** "27 Oct": two of them fit under the narrowest plot. */
function dayOf(date: string): string {
  return moment(new Date(date)).split(',')[0]!;
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
