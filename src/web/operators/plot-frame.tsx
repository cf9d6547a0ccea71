/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { shortNumber } from './plot-scale.ts';

const size = { width: 360, height: 176 };
const edge = { left: 42, top: 10, bottom: 22 };
const belowY = size.height - 4;

/** Where a plot draws, in the units of its picture. */
export interface PlotArea {
  left: number;
  right: number;
  width: number;
  bottom: number;
  y(value: number): number;
}

/** The area up to a value, with so much room beside it for what stands at the ends of lines. */
export function plotArea(top: number, room: number): PlotArea {
  const right = size.width - room;
  const bottom = size.height - edge.bottom;
  const y = (value: number) => edge.top + (bottom - edge.top) * (1 - value / top);
  return { left: edge.left, right, width: right - edge.left, bottom, y };
}

/** What all plots share: a title, the same in words with its numbers, and a thin rule at each value of the scale. */
export function PlotFrame({
  title,
  told,
  area,
  scale,
  children,
}: {
  title: string;
  told: string;
  area: PlotArea;
  scale: readonly number[];
  children: Child;
}) {
  return (
    <figure class="plot">
      <figcaption>{title}</figcaption>
      <svg viewBox={`0 0 ${size.width} ${size.height}`} role="img" aria-label={`${title}: ${told}`}>
        {scale.map((value) => (
          <g>
            <line class="rule" x1={area.left} x2={area.right} y1={area.y(value)} y2={area.y(value)} />
            <text class="scale" x={area.left - 6} y={area.y(value) + 4} text-anchor="end">
              {shortNumber(value)}
            </text>
          </g>
        ))}
        {children}
      </svg>
    </figure>
  );
}

/** A day or an hour under the plot. */
export function Below({ x, ends, children }: { x: number; ends?: boolean; children: Child }) {
  return (
    <text class="scale" x={x.toFixed(1)} y={belowY} text-anchor={ends ? 'end' : undefined}>
      {children}
    </text>
  );
}
